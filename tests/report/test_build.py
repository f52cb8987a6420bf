"""The written report: two faces with the same content, whole, well formed, equal byte for byte."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from built_report import TEMPLATES, TEXT, Built, inputs
from ruamel.yaml import YAML
from synthetic_study import HOSTILE, ROOT, Study, params, small, study

from study.report import InputsError, StandingText, Tables, build
from study.report.build import draw, write
from study.report.document import Report, Section, Terms
from study.report.plots.style import Drawing
from study.report.render.bibliography import CITATION, WORKS
from study.report.render.html import render_html
from study.report.sections import report
from study.report.tables import csv_text
from study.tables import definitions
from study.tables.schema import TableError

STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
VOID = {"meta", "link", "br", "hr", "img", "input"}
NO_TEX = pytest.mark.skipif(shutil.which("latexmk") is None, reason="latexmk is not installed")


class Page(HTMLParser):
    """Checks nesting while it reads; collects ids, links, tags and text outside of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len({name for name, _ in attrs}), (tag, attrs)
        values = dict(attrs)
        self.tags.append((tag, values))
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert "svg" in self.open, tag
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.text.append(data)


def blank(model: Report) -> dict[str, Drawing]:
    """Nothing in the place of every picture."""
    return {picture.slug: Drawing("<svg></svg>", "<svg></svg>", b"") for picture in model.pictures}


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_html_is_well_formed_and_loads_nothing(name: str, request: pytest.FixtureRequest) -> None:
    page = Page(request.getfixturevalue(name).html)
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    assert all(link.startswith(("#", "data:")) for link in page.links)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("script") == tags.count("style") == tags.count("h1") == 1
    assert not {"img", "iframe", "object"} & set(tags)
    assert "@import" not in request.getfixturevalue(name).html


def test_the_policy_of_the_page_allows_what_it_holds_and_nothing_else(plain: Built) -> None:
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', plain.html)
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        (inside,) = re.findall(rf"<{kind}>(.*?)</{kind}>", plain.html, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not re.search(r'<[^>]* (style|onclick|onload)="', plain.html)


def test_all_csv_files_come_in_one_archive(plain: Built) -> None:
    page = Page(plain.html)
    links = {values["download"]: str(values["href"]) for _, values in page.tags if "download" in values}
    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(links.pop("tables.zip").partition(",")[2])))
    files = {name: unquote(href.partition(",")[2]).encode() for name, href in links.items()}
    assert {name: archive.read(name) for name in archive.namelist()} == files


def test_no_text_of_a_csv_file_is_a_formula() -> None:
    rows = pd.DataFrame({"class": ["=1+1", "cat"], "diff": [-1.5, 2.0]})
    assert csv_text(rows) == "class,diff\n'=1+1,-1.5\ncat,2.0\n"


def test_html_names_every_heading_cell_and_picture(plain: Built) -> None:
    page = Page(plain.html)
    scopes = [values.get("scope") for tag, values in page.tags if tag == "th"]
    assert set(scopes) == {"col", "row"}
    alts = [values["aria-label"] for tag, values in page.tags if values.get("role") == "img"]
    assert alts == [picture.alt for picture in plain.model.pictures]
    assert [tag for tag, _ in page.tags].count("caption") == len(plain.model.tables)


def terms(model: Report) -> dict[str, str]:
    """The glossary, by its terms."""
    (glossary,) = (block for block in model.blocks() if isinstance(block, Terms) and block.title == "Terms")
    return dict(glossary.items)


def test_every_table_says_n_and_every_abbreviation_is_explained_once(plain: Built) -> None:
    known = terms(plain.model)
    assert len(known) == len(set(known))
    named = r"prediction|jackknife|CI of SD \(chi-square\)"
    for table in plain.model.tables:
        said = f"{table.caption} {' '.join(column.title for column in table.columns)}"
        assert re.search(r"\bn\b", said), table.slug
        for column in table.columns:
            interval = re.search(r"95\u00a0% CI( \(seeds and images\))?", column.title)
            assert interval is None or interval[0] in known, column.title
            if re.search(r"\bCI\b|interval", column.title) and interval is None:
                assert re.search(named, column.title), (table.slug, column.title)
    for abbreviation in (
        "SD",
        "p (Holm)",
        "p (TOST, Holm)",
        "95\u00a0% CI",
        "95\u00a0% CI (seeds and images)",
    ):
        assert known[abbreviation], abbreviation
    for picture in plain.model.pictures:
        assert re.search(r"n = \d+", picture.caption), picture.slug
        assert re.search(r"\bCI\b|prediction interval|without an interval", picture.caption), picture.slug


def test_captions_are_short(plain: Built) -> None:
    captions = {block.slug: len(block.caption) for block in (*plain.model.tables, *plain.model.pictures)}
    assert {slug: length for slug, length in captions.items() if length > 240} == {}


def test_tables_and_figures_have_the_same_numbers_in_both_faces(plain: Built) -> None:
    assert [table.number for table in plain.model.tables] == list(range(1, len(plain.model.tables) + 1))
    for kind, command in (("Table", "longtable"), ("Figure", "figure")):
        in_html = re.findall(rf"<strong>{kind} (\d+)\. ", plain.html)
        assert in_html == [str(place) for place in range(1, len(in_html) + 1)]
        assert plain.tex.count(rf"\begin{{{command}}}") == len(in_html)


def test_a_verdict_is_among_the_first_three_columns(plain: Built) -> None:
    for table in plain.model.tables:
        titles = [column.title for column in table.columns]
        assert "Verdict" not in titles or titles.index("Verdict") < 3, table.slug


def test_nothing_that_the_data_cannot_give_is_shown(plain: Built) -> None:
    for table in plain.model.tables:
        for place, column in enumerate(table.columns):
            assert {row[place].text for row in table.rows} != {"–"}, (table.slug, column.title)
    slugs = {block.slug for block in (*plain.model.tables, *plain.model.pictures)}
    assert not {"origins", "published"} & slugs
    assert "of unknown origin" not in plain.html


def test_no_plural_of_one(plain: Built) -> None:
    text = " ".join(Page(plain.html).text)
    assert (
        re.findall(
            r"(?<![\d.,] )(?<![\w.,-])1 (?:[a-z]+ )?(?:points|runs|claims|settings|seeds|replicates)\b", text
        )
        == []
    )


def test_the_shape_of_the_sources_tables(plain: Built) -> None:
    tables = {table.slug: table for table in plain.model.tables}
    titles = [column.title for column in tables["best"].columns]
    assert titles[:8] == [
        "Model", "Learning rate", "Batch size", "Dropout", "L1 penalty", "Augmentation", "Images per class",
        "Test accuracy, %",
    ]  # fmt: skip
    best = plain.study.tables["best"].iloc[0]
    assert tables["best"].rows[0][7].text == f"{100 * best['mean']:.2f}"
    assert {row[0].text.split(" (")[0] for row in tables["ensembles"].rows} == {
        "Best single model", "Hard voting", "Soft voting", "Stacking", "Weighted soft voting",
    }  # fmt: skip


def test_each_exhibit_downloads_its_unrounded_rows(plain: Built) -> None:
    page = Page(plain.html)
    found = [(values["download"], values["href"]) for _, values in page.tags if "download" in values]
    links = {str(name): str(href) for name, href in found}
    links.pop("tables.zip")
    found = [one for one in found if one[0] != "tables.zip"]
    assert len(set(found)) == len(links)
    exhibits = [*plain.model.tables, *plain.model.pictures]
    assert set(links) == {file.name for exhibit in exhibits for file in exhibit.files}
    assert len(found) == sum(len(exhibit.files) for exhibit in exhibits)
    assert all(exhibit.files and exhibit.stage in STAGES for exhibit in exhibits)
    head, _, content = links["best.csv"].partition(",")
    assert head == "data:text/csv;charset=utf-8"
    read = pd.read_csv(io.StringIO(unquote(content)))
    assert read["mean"].tolist() == plain.study.tables["best"]["mean"].tolist()


def single_numbers(built: Built) -> dict[str, str]:
    found = re.findall(r"csname study@(\S+?)\\endcsname\{(?:\\num\{)?([^}]*)\}", built.numbers)
    assert len(found) == len(dict(found))
    return {key: value.replace("-", "−") for key, value in found}


def test_numbers_of_running_text_are_macros_of_one_file(plain: Built) -> None:
    assert plain.tex.count(r"\input{report-numbers}") == 1
    used = re.findall(r"\\studynumber\{([^}]*)\}", plain.tex)
    assert len(used) == len(set(used))
    values = single_numbers(plain)
    assert set(used) <= set(values)
    leader = plain.model.sections[0].blocks[0].items[1]  # type: ignore[union-attr]
    assert [values[f"summary/2/{place}"] for place in (1, 2)] == re.findall(
        r"(?<![\w.-])\d+(?:\.\d+)?(?!\w)", leader
    )[:2]
    captions = re.findall(r"\\caption\{(.*?)\}\\label", plain.tex, flags=re.DOTALL)
    assert len(captions) == len(plain.model.tables) + len(plain.model.pictures)
    for caption in captions:
        assert not re.search(r"(?<![\w.{/=-])\d+(\.\d+)?(?![\w.}])", caption), caption


def test_works_are_cited_in_both_faces(plain: Built) -> None:
    page = Page(plain.html)
    cited = {link for link in page.links if link.startswith("#ref-")}
    assert cited == {f"#ref-{work.key}" for work in WORKS}
    in_tex = {key for group in re.findall(r"\\cite\{([^}]*)\}", plain.tex) for key in group.split(",")}
    assert in_tex == {work.key for work in WORKS}
    assert sorted(work.original for work in WORKS if work.original) == list(range(1, 13))
    assert not CITATION.search(plain.html)
    assert "[@" not in re.sub(r"data:[^\"]*", "", plain.html)
    assert "[@" not in plain.tex


def test_both_faces_say_the_same(plain: Built) -> None:
    text = words(" ".join(Page(plain.html).text))
    tex = words(re.sub(r"\\allowbreak\{\}", "", plain.tex).replace("~", "\u00a0").replace(r"\%", "%"))
    tex = tex.replace("\u00a0", " ")
    values = single_numbers(plain)
    tex = re.sub(r"\\studynumber\{([^}]*)\}", lambda match: values[match[1]], tex)
    for sentence in plain.model.sections[0].blocks[0].items:  # type: ignore[union-attr]
        assert words(sentence) in text
        assert re.sub(r"(?<=\d),(?=\d{3})", "", words(sentence)) in tex
    for block in [*plain.model.tables, *plain.model.pictures]:
        assert words(block.title) in text
        assert words(block.title) in tex
    assert plain.tex.count(r"\drawing{figures/") == len(plain.model.pictures)


def test_a_banner_where_the_data_are_not_cinic10() -> None:
    def notices(made: Study) -> str:
        return " ".join(report(inputs(made)).notices)

    few = {"backbones": ["net"], "seeds": 2, "confirm_seeds": 2, "epochs": 1}
    digits = notices(study(small(**few), seed=1))
    assert digits.startswith(
        "This report shows the method on the built-in digits data. It says nothing about CINIC-10."
    )
    other = notices(study(small(**few, dataset="pets", weights="random"), seed=1, dirty=True))
    assert "the data set pets" in other
    assert "random weights" in other
    assert "uncommitted changes" in other
    cinic = study(small(**few, dataset="cinic10"), seed=1)
    enough = study(small(**few | {"confirm_seeds": 10}, dataset="cinic10"), seed=1)
    assert notices(enough) == ""
    origins = [table for table in report(inputs(cinic)).tables if table.slug == "origins"]
    assert [row[1].text for row in origins[0].rows] == ["from CIFAR-10", "from ImageNet"]


def test_hostile_names_stay_text_in_html(hostile: Built) -> None:
    page = Page(hostile.html)
    assert [tag for tag, _ in page.tags].count("script") == 1
    text = words(" ".join(page.text))
    for name in (*HOSTILE, "a_b%c#<script>&ż网"):
        assert words(name) in text


def test_two_builds_are_equal_byte_for_byte(plain: Built, tmp_path: Path) -> None:
    build(inputs(plain.study), templates=TEMPLATES, out=tmp_path)
    files = {path.relative_to(plain.out) for path in plain.out.rglob("*") if path.is_file()}
    assert files == {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert len(files) == 3 + len(plain.model.pictures)
    for file in files:
        assert (plain.out / file).read_bytes() == (tmp_path / file).read_bytes(), file


def test_the_page_is_small_enough(plain: Built) -> None:
    assert (plain.out / "report.html").stat().st_size < 2_500_000


@pytest.mark.parametrize(
    ("update", "options"),
    [
        ({"backbones": ["only"]}, {}),
        ({"backbones": ["only"], "seeds": 1, "confirm_seeds": 1, "epochs": 1}, {}),
        ({"seeds": 2, "confirm_seeds": 2}, {"ensembles": False, "ties": True}),
    ],
    ids=["one backbone", "one seed", "ties, no ensembles"],
)
def test_small_studies(update: dict[str, object], options: dict[str, bool]) -> None:
    made = study(small(**update), seed=7, **options)
    model = report(inputs(made))
    html = render_html(model, blank(model), TEMPLATES)
    draw(model.pictures[:1])
    Page(html)
    assert "nan" not in re.sub(r"data:[^\"]*|<svg.*?</svg>|<[^>]*>", " ", html, flags=re.DOTALL).split()
    if update.get("seeds") == 1:
        assert "one replicate gives no verdict" in html
        best = next(table for table in model.tables if table.slug == "best")
        assert [column.title for column in best.columns][7:] == ["Test accuracy, %", "n"]
    if not options.get("ensembles", True):
        assert "The study has no ensembles." in html
        assert "share the highest mean test accuracy" in html


def test_a_missing_table_and_a_wrong_fact_are_one_line(plain: Built) -> None:
    tables = {name: frame for name, frame in plain.study.tables.items() if name != "best"}
    with pytest.raises(TableError, match="missing \\['best'\\]"):
        Tables(tables)
    wrong = {**plain.study.facts["dataset"], "image_shape": [32]}
    with pytest.raises(InputsError, match=r"dataset.image_shape.*expected.*received"):
        inputs(plain.study, dataset=wrong)


def test_standing_text_with_a_slot_that_nothing_fills_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "claims.md").write_text("## all\nOf {many} claims.\n", encoding="utf-8")
    text = StandingText(tmp_path)
    assert text.line("claims/all", many="3") == "Of 3 claims."
    with pytest.raises(InputsError, match=r"claims\.md, claims/all: expected \{few\}, received \{many\}"):
        text.line("claims/all", few="3")
    with pytest.raises(InputsError, match=r"claims\.md: expected a part headed ## none, received none"):
        text.line("claims/none")


def test_every_part_of_the_standing_text_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()
    filled = StandingText._filled

    def watched(self: StandingText, part: str, slots: Mapping[str, str]) -> str:
        used.add(part)
        return filled(self, part, slots)

    monkeypatch.setattr(StandingText, "_filled", watched)
    few = {"seeds": 2, "confirm_seeds": 2, "epochs": 1}
    whole = study(small(**few, weights="random"), seed=1, dirty=True)
    fresh = small(**few, dataset="cinic10")
    fresh = fresh.model_copy(update={"augment": fresh.augment.model_copy(update={"views": "fresh"})})
    frame = whole.tables["ensembles"]
    fewer = {**whole.tables, "ensembles": frame[frame["method"] != "stacking"]}
    analysis = whole.params.analysis.model_copy(update={"looks": [2]})
    row = dict.fromkeys(definitions.LOOKS.columns, 1) | {"model": whole.params.backbones[0], "look": 2}
    looked = replace(
        whole,
        params=whole.params.model_copy(update={"analysis": analysis}),
        tables={**whole.tables, "looks": definitions.LOOKS.conform(pd.DataFrame([row]))},
    )
    for made in (whole, study(fresh, seed=1), replace(whole, tables=fewer), looked):
        report(inputs(made, excluded=[]))
    assert set(TEXT._parts) - used == set()


def test_figures_of_an_earlier_report_do_not_stay(plain: Built, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "old.pdf").write_bytes(b"%PDF")
    write(plain.model, plain.drawings, templates=TEMPLATES, out=tmp_path)
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {f"{picture.slug}.pdf" for picture in plain.model.pictures}


def compile_tex(folder: Path, name: str, flag: str = "-pdf") -> str:
    command = ["latexmk", flag, "-interaction=nonstopmode", "-halt-on-error", "-outdir=tex", name]
    done = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, timeout=120, errors="replace"
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return (folder / "tex" / name).with_suffix(".log").read_text(encoding="utf-8", errors="replace")


@NO_TEX
@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_latex_compiles_without_wide_boxes(name: str, request: pytest.FixtureRequest) -> None:
    log = compile_tex(request.getfixturevalue(name).out, "report.tex")
    assert max([float(wide) for wide in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)], default=0) <= 10
    assert "undefined" not in log.lower().replace("undefined control sequence", "")


@NO_TEX
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_hostile_names_come_out_of_latex(hostile: Built) -> None:
    compile_tex(hostile.out, "report.tex")
    done = subprocess.run(
        ["pdftotext", "-layout", "tex/report.pdf", "-"],
        cwd=hostile.out,
        check=True,
        capture_output=True,
        text=True,
    )
    text = "".join(done.stdout.split())
    assert HOSTILE[0] in text
    assert "<script>alert('ż')</script>" in text.replace("’", "'")
    assert "[U+7F51]" in text


@NO_TEX
def test_single_numbers_for_other_documents(plain: Built, tmp_path: Path) -> None:
    shutil.copy(plain.out / "report-numbers.tex", tmp_path)
    document = (
        r"\documentclass{article}\usepackage{siunitx}\input{report-numbers}\begin{document}"
        r"\studynumber{runs} \studynumber{best/efficientnet-lite0/mean}"
        r"\studynumber{ensemble/soft-voting/gain}\end{document}"
    )
    (tmp_path / "other.tex").write_text(document, encoding="utf-8")
    compile_tex(tmp_path, "other.tex")
    (tmp_path / "wrong.tex").write_text(document.replace("{runs}", "{nothing}"), encoding="utf-8")
    with pytest.raises(AssertionError, match="No number"):
        compile_tex(tmp_path, "wrong.tex")


def test_every_figure_and_table_of_the_source_has_its_counterpart() -> None:
    made = study(params(seeds=2, confirm_seeds=2, epochs=1), seed=1, images_per_class=9000)
    model = report(inputs(made))
    captions = {picture.slug: picture.caption for picture in model.pictures}
    found = {number for caption in captions.values() for number in re.findall(r"\b4\.\d+\b", caption)}
    assert found == {f"4.{place}" for place in range(1, 29)}
    assert "contrast 4.20" in captions["curves-augmentation"]
    tables = {table.slug: table.caption for table in model.tables}
    assert "Table 5.1" in tables["best"]
    assert "Table 4.1" in tables["ensembles"]


def test_the_whole_study_has_every_section() -> None:
    made = study(params(seeds=2, confirm_seeds=2, epochs=1), seed=1)
    model = report(inputs(made))
    assert [section.slug for section in model.sections] == [
        "summary", "claims", "models", "effects", "variation", "calibration", "methods", "data",
        "reproducibility",
    ]  # fmt: skip
    parts = [block.slug for block in model.blocks() if isinstance(block, Section) and block.level == 2]
    assert parts == [
        "contradictions", "best", "ensembles", "members", "factor-lr", "factor-batch-size", "factor-dropout",
        "factor-l1", "factor-augmentation", "factor-images-per-class", "variability", "selection", "verdicts",
        "glossary", "excluded", "threats", "provenance", "references",
    ]  # fmt: skip
    (excluded,) = (block for block in model.blocks() if getattr(block, "slug", "") == "excluded")
    assert excluded.blocks[0].items == tuple(made.facts["excluded"])  # type: ignore[union-attr]
    for block in model.tables:
        assert all(len(row) == len(block.columns) for row in block.rows)


def test_headline_numbers_of_fewer_replicates_than_declared_are_marked() -> None:
    few = {"seeds": 2, "confirm_seeds": 2, "epochs": 1}
    made = study(small(**few), seed=1)
    model = report(inputs(made))
    assert "Headline numbers rest on 2 replicates, fewer than the 10 that were declared" in model.notices[-1]
    for slug in ("best", "pairs", "ensembles"):
        (table,) = (table for table in model.tables if table.slug == slug)
        n = [column.title for column in table.columns].index("n")
        assert {row[n].text for row in table.rows} == {"2*"}
        assert "* fewer than the 10 declared" in table.caption
    enough = study(small(**few | {"confirm_seeds": 10}), seed=1)
    model = report(inputs(enough))
    assert not any("Headline numbers" in one for one in model.notices)
    (table,) = (table for table in model.tables if table.slug == "best")
    assert "*" not in {cell.text for row in table.rows for cell in row}
