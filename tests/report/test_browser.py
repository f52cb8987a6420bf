"""The page in a browser: it fits, it is quiet, its tables sort and filter by keyboard, it is accessible."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
from browser import Browser, chromium
from built_report import Built

NO_CHROMIUM = pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
NO_TIDY = pytest.mark.skipif(shutil.which("tidy") is None, reason="tidy is not installed")
pytestmark = NO_CHROMIUM
RIGHT = ("ArrowRight", 39)
TAB, ENTER = ("Tab", 9), ("Enter", 13, "\r")
CELLS = (
    "[...document.querySelectorAll('#claims-table tbody tr')].filter(r => !r.hidden)"
    ".map(r => r.cells[{}].textContent)"
)


UNFOLD = "document.querySelectorAll('details').forEach(d => { d.open = true; })"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def violations(page: Browser) -> list[list[str]]:
    """Serious and critical ones; what is inside a picture is one image to a reader, and is left out."""
    spec = find_spec("axe_core_python")
    assert spec is not None
    assert spec.origin is not None
    page.run(Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8") + ";0")
    return page.run(
        "axe.run({exclude: [['.drawing > *']]}, {resultTypes: ['violations']}).then(r => r.violations"
        ".filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html).join(' ')]))"
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_it_fits_is_quiet_and_accessible(
    name: str, width: int, dark: bool, page: Browser, request: pytest.FixtureRequest
) -> None:
    page.open(request.getfixturevalue(name).out / "report.html", width=width, dark=dark)
    page.run(UNFOLD)
    assert page.run("document.documentElement.scrollWidth") <= width
    if dark == (width > 1000):
        assert violations(page) == []
    assert page.said == []


def test_few_stops_lead_through_the_folded_page(page: Browser, plain: Built) -> None:
    page.open(plain.out / "report.html", width=1600)
    stops = page.run(
        "[...document.querySelectorAll('a[href], button, input, summary, [tabindex]')].filter(e => "
        "e.tabIndex >= 0 && e.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert 20 < stops < 60
    assert page.run("document.querySelectorAll('*').length") < 20_000


def test_a_link_into_a_fold_opens_it(page: Browser, plain: Built) -> None:
    page.open(plain.out / "report.html", width=1600)
    assert not page.run("document.querySelector('#factor-dropout > details').open")
    page.run("location.hash = '#forest-dropout'")
    page.run("new Promise(done => setTimeout(done, 100))")
    assert page.run("document.querySelector('#factor-dropout > details').open")


def test_axe_sees_what_is_wrong(page: Browser, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text("<!DOCTYPE html><html><title>T</title><main><h1>T</h1></main></html>", encoding="utf-8")
    page.open(broken, width=1600)
    assert [rule for rule, _ in violations(page)] == ["html-has-lang"]


def test_tables_sort_by_keyboard(page: Browser, plain: Built) -> None:
    page.open(plain.out / "report.html", width=1600)
    given = page.run(CELLS.format(1))

    def said(cell: str) -> str:
        return cell.partition(" ")[2]

    page.run("document.querySelectorAll('#claims-table th button')[0].focus()")
    page.press(*RIGHT)
    order = "document.querySelectorAll('#claims-table thead th')[1].getAttribute('aria-sort')"
    for direction, expected in (
        ("ascending", sorted(given, key=said)),
        ("descending", sorted(given, key=said, reverse=True)),
        (None, given),
    ):
        page.press(*ENTER)
        assert page.run(order) == direction
        assert page.run(CELLS.format(1)) == expected
    assert page.said == []


def test_numbers_sort_as_numbers_and_missing_ones_last(page: Browser, plain: Built) -> None:
    page.open(plain.out / "report.html", width=1600)
    page.run(UNFOLD)
    heads = page.run("[...document.querySelectorAll('#ensembles-table thead th')].map(h => h.textContent)")
    place = heads.index("Minus best single, points")
    for presses in (1, 2):
        page.run(f"document.querySelectorAll('#ensembles-table th button')[{place}].click()")
        shown = page.run(
            "[...document.querySelectorAll('#ensembles-table tbody tr')]"
            f".map(r => r.cells[{place}].textContent)"
        )
        assert shown[-1] == "–"
        values = [float(text.replace("−", "-")) for text in shown[:-1]]
        assert values == sorted(values, reverse=presses == 2)


def test_tables_filter_by_keyboard(page: Browser, plain: Built) -> None:
    page.open(plain.out / "report.html", width=360)
    field = "document.querySelector('input[aria-controls=claims-table]')"
    total = len(page.run(CELLS.format(1)))
    page.run(f"{field}.focus()")
    page.type("REFUTED trend")
    kept = page.run(CELLS.format(1))
    assert 0 < len(kept) < total
    assert set(kept) == {"✘ refuted"}
    assert page.run(f"{field}.parentElement.querySelector('output').textContent") == f"{len(kept)} / {total}"
    page.type(" nowhere")
    assert page.run(CELLS.format(1)) == []
    page.run(f"{field}.select()")
    page.press("Backspace", 8)
    assert len(page.run(CELLS.format(1))) == total
    few = page.run(
        "[...document.querySelectorAll('table')].filter(t => t.tBodies[0].rows.length <= 6).length"
    )
    fields = page.run("document.querySelectorAll('input[type=search]').length")
    assert fields == len(plain.model.tables) - few


def test_links_lead_somewhere_and_the_first_one_skips_to_the_summary(page: Browser, plain: Built) -> None:
    page.open(plain.out / "report.html", width=1600)
    lost = page.run(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(id))"
    )
    assert lost == []
    page.press(*TAB)
    assert page.run("document.activeElement.className") == "skip"
    assert page.run("document.activeElement.getBoundingClientRect().left") >= 0
    page.press(*ENTER)
    assert page.run("location.hash") == "#summary"
    page.run("document.querySelector('nav a[href=\"#methods\"]').focus()")
    page.press(*ENTER)
    assert page.run("location.hash") == "#methods"
    assert abs(page.run("document.getElementById('methods').getBoundingClientRect().top")) < 60
    levels = page.run("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_scrolls_sideways_says_so(page: Browser, plain: Built) -> None:
    state = (
        "[...document.querySelectorAll('details[open] > .scroll')].map(s => "
        "[s.scrollWidth > s.clientWidth + 1, "
        "getComputedStyle(s.nextElementSibling).display !== 'none', s.tabIndex])"
    )
    page.open(plain.out / "report.html", width=360)
    boxes = page.run(f"new Promise(done => requestAnimationFrame(() => setTimeout(() => done({state}), 50)))")
    assert sum(wide for wide, _, _ in boxes) > 1
    assert all(wide == told and tab == 0 for wide, told, tab in boxes)


@pytest.mark.parametrize("name", ["plain", "hostile"])
@pytest.mark.parametrize(("width", "shown", "hidden"), [(360, "slim", "broad"), (1600, "broad", "slim")])
def test_pictures_fit_the_screen_and_can_be_read(
    width: int, shown: str, hidden: str, name: str, page: Browser, request: pytest.FixtureRequest
) -> None:
    report = request.getfixturevalue(name)
    page.open(report.out / "report.html", width=width)
    page.run(UNFOLD)
    boxes = page.run(
        "[...document.querySelectorAll('figure .drawing')].map(s => [s.scrollWidth, s.clientWidth])"
    )
    assert len(boxes) == len(report.model.pictures)
    assert all(needs <= has for needs, has in boxes)
    heights = "[...document.querySelectorAll('.drawing .{}')].map(e => e.getBoundingClientRect().height)"
    assert min(page.run(heights.format(shown))) > 50
    assert max(page.run(heights.format(hidden))) == 0
    smallest = page.run(
        f"Math.min(...[...document.querySelectorAll('.drawing .{shown} text')]"
        ".map(t => t.getBoundingClientRect()).map(r => Math.max(r.width, r.height)))"
    )
    assert smallest > 7
    letters = page.run(
        f"Math.min(...[...document.querySelectorAll('.drawing .{shown} text')].map(t => "
        "parseFloat(getComputedStyle(t).fontSize) * Math.hypot(t.getScreenCTM().a, t.getScreenCTM().b)))"
    )
    assert letters >= 9 or name == "hostile"
    outside = page.run(
        f"[...document.querySelectorAll('.drawing .{shown} text')].filter(t => {{"
        "const a = t.getBoundingClientRect(), b = t.closest('svg').getBoundingClientRect();"
        "return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1"
        " || a.bottom > b.bottom + 1})"
        ".map(t => t.closest('figure').id + ': ' + t.textContent)"
    )
    assert outside == []


def test_the_printed_page_has_no_controls_and_does_not_cut(page: Browser, plain: Built) -> None:
    page.open(plain.out / "report.html", width=360, dark=True)
    printed = page.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=True)["data"]
    assert base64.b64decode(printed).startswith(b"%PDF")
    page.call("Emulation.setEmulatedMedia", media="print")
    page.run(UNFOLD)
    hidden = (
        "[...document.querySelectorAll('.filter, .hint')].every(e => getComputedStyle(e).display === 'none')"
    )
    assert page.run(hidden)
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.call("Emulation.setDeviceMetricsOverride", width=718, height=1000, deviceScaleFactor=1, mobile=False)
    assert page.run("document.documentElement.scrollWidth") <= 718
    page.call("Emulation.setEmulatedMedia", media="")


@NO_TIDY
@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_the_page_is_valid(name: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(name).out / "report.html"
    done = subprocess.run(["tidy", "-quiet", "-errors", path], check=False, capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if re.search("Warning|Error", line)]
    assert said == []
