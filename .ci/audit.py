"""Look for unsafe code with bandit, and for known faults of the pinned packages with pip-audit.

pip-audit asks a service on the network. Where that does not answer, one line says so and nothing fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCK = "requirements/dev.lock"
SECONDS = 600


def main() -> None:
    """Print what was found; the exit code is 1 where it is a fault."""
    code = subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-c", "pyproject.toml", "-r", "study", "benchmarks"],
        check=False,
    ).returncode
    print(
        "bandit: no unsafe code found" if code == 0 else "bandit: expected no unsafe code, received the above"
    )
    lines, found = judge(*_asked())
    print("\n".join(lines))
    sys.exit(1 if code or found else 0)


def judge(report: dict[str, Any] | None, reason: str) -> tuple[list[str], bool]:
    """Lines for people, and whether a package has a known fault.

    Parameters
    ----------
    report
        What pip-audit wrote as JSON; None where it wrote nothing.
    reason
        Why it wrote nothing.
    """
    if report is None:
        return [
            f"pip-audit: no package of {LOCK} is checked, since its service does not answer ({reason})"
        ], False
    packages = report["dependencies"]
    left_out = [one for one in packages if "skip_reason" in one]
    lines = [
        f"pip-audit: {one['name']} {one['version']}: expected no known fault, received {fault['id']}"
        f"; mended in {', '.join(fault['fix_versions']) or 'no version'}"
        for one in packages
        for fault in one.get("vulns", [])
    ]
    faulty = bool(lines)
    lines.append(
        f"pip-audit: {len(packages) - len(left_out)} of {len(packages)} packages of {LOCK} are checked"
    )
    if left_out:
        lines.append(f"pip-audit: {len(left_out)} are not checked, such as: {left_out[0]['skip_reason']}")
    return lines, faulty


def _asked() -> tuple[dict[str, Any] | None, str]:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "audit.json"
        command = [sys.executable, "-m", "pip_audit", "--requirement", LOCK, "--no-deps", "--disable-pip"]
        options = [
            "--timeout",
            "15",
            "--progress-spinner",
            "off",
            "--format",
            "json",
            "--output",
            str(written),
        ]
        try:
            done = subprocess.run(
                [*command, *options], capture_output=True, text=True, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return None, f"no answer in {SECONDS} seconds"
        if written.exists():
            return json.loads(written.read_text(encoding="utf-8")), ""
        return None, " ".join(done.stderr.split())[-200:] or "no answer"


if __name__ == "__main__":
    main()
