import numpy as np
import pytest

from study import augment
from study.augment import AugmentError, Drawn, Strengths, View, draw

STRENGTHS = Strengths(rotation=15.0, contrast=0.3, brightness=0.2, zoom=0.2, cutmix_alpha=1.0)
KINDS = ("rotation", "contrast", "brightness", "zoom", "cutmix")


def apply(images, labels, n_classes, drawn):
    """The whole view with its targets."""
    view = View(images, drawn)
    return view[:], view.targets(labels, n_classes)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (600, 32, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def labels():
    return np.random.default_rng(2).integers(0, 10, 600).astype(np.uint8)


def one(kind, image, amount):
    changed, _ = apply(image[None], np.zeros(1, np.uint8), 1, Drawn(kind, np.array([float(amount)])))
    return changed[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_has_the_shape_range_and_type_promised(kind, images, labels):
    drawn = draw(kind, len(images), rng=np.random.default_rng(3), strengths=STRENGTHS)
    changed, targets = apply(images, labels, 10, drawn)
    assert changed.shape == images.shape
    assert changed.dtype == targets.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 255
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    assert np.abs(changed - images).mean() > 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_does_not_depend_on_how_the_set_is_cut(kind, images, monkeypatch):
    drawn = draw(kind, len(images), rng=np.random.default_rng(3), strengths=STRENGTHS)
    view = View(images, drawn)
    whole = view[:]
    parts = [view[rows] for rows in (slice(0, 7), slice(7, 300), slice(300, 650))]
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    monkeypatch.setattr(augment, "_CHUNK", 41)
    assert view[:].tobytes() == whole.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_draws_follow_the_generator(kind):
    def amounts(seed):
        return draw(kind, 50, rng=np.random.default_rng(seed), strengths=STRENGTHS).amounts

    np.testing.assert_array_equal(amounts(1), amounts(1))
    assert not np.array_equal(amounts(1), amounts(2))


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("rotation", -15, 15), ("contrast", 0.7, 1.3), ("brightness", -0.2, 0.2), ("zoom", 0.8, 1.2)],
)
def test_amounts_are_uniform_between_their_bounds(kind, low, high):
    amounts = draw(kind, 20_000, rng=np.random.default_rng(0), strengths=STRENGTHS).amounts
    assert amounts.min() >= low
    assert amounts.max() <= high
    shares = np.histogram(amounts, bins=10, range=(low, high))[0] / 20_000
    np.testing.assert_allclose(shares, 0.1, atol=0.01)


def test_nothing_changes_at_the_neutral_amount(images):
    for kind, amount in {"rotation": 0, "zoom": 1, "contrast": 1, "brightness": 0}.items():
        np.testing.assert_allclose(one(kind, images[0], amount), images[0], atol=1e-4, err_msg=kind)


@pytest.mark.parametrize("shape", [(8, 8, 3), (9, 9, 3)])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_are_those_of_rot90(shape, quarters):
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_allclose(
        one("rotation", image, 90 * quarters), np.rot90(image, quarters).astype(np.float32), atol=0.05
    )


def test_zoom_enlarges_above_one_around_the_centre():
    image = np.zeros((32, 32, 3), np.uint8)
    image[12:20, 12:20] = 255
    enlarged, shrunk = (one("zoom", image, scale)[..., 0] / 255 for scale in (2.0, 0.5))
    assert enlarged.sum() == pytest.approx(16 * 16, rel=0.05)
    assert shrunk[8:24, 8:24].sum() == pytest.approx(4 * 4, rel=0.05)
    for changed in (enlarged, shrunk):
        np.testing.assert_allclose(changed, changed[::-1, ::-1], atol=1e-5)


def test_the_border_is_reflected():
    image = np.full((16, 16, 3), 200, np.uint8)
    np.testing.assert_allclose(one("rotation", image, 30), 200, atol=1e-3)
    np.testing.assert_allclose(one("zoom", image, 0.5), 200, atol=1e-3)


def test_brightness_shifts_and_clips(images):
    exact = images[0].astype(np.float64)
    np.testing.assert_allclose(one("brightness", images[0], 0.2), np.minimum(exact + 51, 255), atol=1e-3)
    np.testing.assert_allclose(one("brightness", images[0], -0.2), np.maximum(exact - 51, 0), atol=1e-3)


def test_contrast_keeps_the_mean_of_each_channel_and_scales_the_spread():
    image = np.random.default_rng(0).integers(100, 150, (32, 32, 3), dtype=np.uint8)
    changed = one("contrast", image, 1.3)
    np.testing.assert_allclose(changed.mean(axis=(0, 1)), image.mean(axis=(0, 1)), atol=1e-3)
    np.testing.assert_allclose(changed.std(axis=(0, 1)), 1.3 * image.std(axis=(0, 1)), rtol=1e-4)


def test_cutmix_gives_each_label_its_share_of_the_pixels(images, labels):
    own = np.zeros_like(images[:, :20, :24])
    own += np.arange(600, dtype=np.uint16).astype(np.uint8)[:, None, None, None]
    drawn = draw("cutmix", 600, rng=np.random.default_rng(5), strengths=STRENGTHS)
    mixed, targets = apply(own, labels, 10, drawn)
    assert drawn.partners is not None
    differ = own[:, 0, 0, 0] != own[drawn.partners, 0, 0, 0]
    foreign = (mixed != own).any(axis=3)
    share = foreign.mean(axis=(1, 2))
    expected = np.zeros((600, 10))
    np.add.at(expected, (np.arange(600), labels), 1 - share)
    np.add.at(expected, (np.arange(600), labels[drawn.partners]), share)
    np.testing.assert_array_equal(targets[differ], expected[differ].astype(np.float32))
    assert 0.15 < share.mean() < 0.45
    for k in np.flatnonzero(differ)[:50]:
        down, across = foreign[k].any(axis=1), foreign[k].any(axis=0)
        np.testing.assert_array_equal(foreign[k], down[:, None] & across[None, :])


def test_cutmix_draws_a_uniform_share_at_alpha_one():
    amounts = draw("cutmix", 20_000, rng=np.random.default_rng(0), strengths=STRENGTHS).amounts
    np.testing.assert_allclose(np.histogram(amounts, bins=10, range=(0, 1))[0] / 20_000, 0.1, atol=0.01)


def test_cutmix_box_away_from_the_border_has_the_area_drawn():
    black_and_white = np.stack([np.zeros((32, 32, 3)), np.full((32, 32, 3), 255)]).astype(np.uint8)
    drawn = Drawn("cutmix", np.array([0.75, 0.75]), np.array([1, 0]), np.array([[0.5, 0.5], [0.0, 0.0]]))
    mixed, targets = apply(black_and_white, np.array([0, 1]), 2, drawn)
    assert (mixed[0, 8:24, 8:24] == 255).all()
    assert mixed[0].sum() == 16 * 16 * 3 * 255
    np.testing.assert_array_equal(targets, np.array([[0.75, 0.25], [1 / 16, 15 / 16]], np.float32))
    assert (mixed[1, :8, :8] == 0).all()


def test_an_unknown_kind_is_one_line_with_the_known_ones():
    with pytest.raises(AugmentError, match=r"expected rotation, contrast, .* received 'mixup'"):
        draw("mixup", 3, rng=np.random.default_rng(0), strengths=STRENGTHS)


def test_draws_for_another_set_are_refused(images, labels):
    drawn = draw("zoom", 10, rng=np.random.default_rng(0), strengths=STRENGTHS)
    with pytest.raises(AugmentError, match="600; received 10"):
        View(images, drawn)
    fitting = View(images[:10], drawn)
    with pytest.raises(AugmentError, match="10; received 600"):
        fitting.targets(labels, 10)
