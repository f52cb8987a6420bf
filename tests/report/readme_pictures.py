"""The README's pictures from reports/report.html: python tests/report/readme_pictures.py."""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

from browser import Browser, chromium

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {"equivalence": "#equivalence .drawing", "curves": "#curves-lr .drawing"}
_BOX = (
    "(r => [r.x + scrollX, r.y + scrollY, r.width, r.height])"
    "(document.querySelector('{}').getBoundingClientRect())"
)


def shoot(page: Browser, out: Path, box: tuple[float, float, float, float]) -> None:
    x, y, width, height = box
    clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
    shot = page.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    out.write_bytes(base64.b64decode(shot["data"]))


def main() -> None:
    pictures = ROOT / "reports" / "pictures"
    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as page:
        page.open(ROOT / "reports" / "report.html", width=1250, height=1300)
        shoot(page, pictures / "first-page.png", (0, 0, 1250, 1300))
        page.run("document.querySelectorAll('details.part').forEach(part => { part.open = true; })")
        for name, selector in SHOWN.items():
            shoot(page, pictures / f"{name}.png", page.run(_BOX.format(selector)))


if __name__ == "__main__":
    sys.exit(main())
