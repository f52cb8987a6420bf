"""Rows of the table of backbones in DVC's eyes: a row concerns its own backbone's stages alone."""

from clone import Clone, differing

LITE = "efficientnet-lite0"
FEATURES, WEIGHTS = f"features@{LITE}", f"weights@{LITE}"
TABLE = "study/backbones/catalogue/names.py"
NEW_ROW = """
    Backbone(
        name="another",
        family="Another",
        n_features=1280,
        native_size=224,
        preprocessing="centred",
        constructor="efficientnet-lite0",
        kind="efficientnet-lite",
        weights_file="another.pth",
        weights_hash=None,
        url="https://example.org/another.pth",
    ),
"""


def edit(clone, old, new):
    path = clone.folder / TABLE
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), encoding="utf-8")


def test_a_new_row_leaves_the_stages_of_other_backbones_and_an_edited_one_does_not(tmp_path):
    clone = Clone(tmp_path)
    features = (f"data/features/{LITE}/x", f"reports/features/{LITE}.json")
    for file in ("data/dataset/x", *features, "reports/inputs/limits.json"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("x")
    clone.dvc("repro", WEIGHTS)
    clone.dvc("commit", "--force", FEATURES)  # as if the stage had run on what is there
    weights = clone.bytes_of("data/weights/*/*")
    assert len(weights) == 2
    assert "up to date" in clone.dvc("status", FEATURES)

    edit(clone, "_ROWS = (", f"_ROWS = ({NEW_ROW}")
    edit(clone, 'constructor="efficientnet-lite1"', 'constructor="efficientnet-lite2"')
    assert f"Running stage '{WEIGHTS}'" in clone.dvc("repro", WEIGHTS)
    assert differing(clone.bytes_of("data/weights/*/*"), weights) == []
    assert "up to date" in clone.dvc("status", FEATURES)

    row = 'family="EfficientNet-Lite0",\n        n_features=1280,\n        native_size='
    edit(clone, f"{row}224", f"{row}225")
    clone.dvc("repro", WEIGHTS)
    assert f"modified:           data/weights/{LITE}" in clone.dvc("status", FEATURES)
