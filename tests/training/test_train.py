"""Groups of runs: the same numbers alone and in company, and what augmentation shares."""

import dataclasses

import numpy as np
import pytest

from study.params import FACTORS, Setting
from study.training import batches
from study.training.runs import Features, Run, augmented_images, groups, head_steps
from study.training.train import train

N, D, C = 90, 16, 3
EPOCHS = 2


@pytest.fixture(scope="module")
def features():
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(C, D))

    def split(n):
        labels = np.arange(n) % C
        return (centres[labels] + rng.normal(size=(n, D))).astype(np.float32), labels

    (train_x, train_y), (valid_x, valid_y), (test_x, _) = split(N), split(60), split(45)
    return Features(train_x, valid_x, test_x, train_y, valid_y, C)


class NoisyViews:
    """Views as the trainer asks for them: features of its own images with noise, seeded as real views are."""

    def __init__(self, features, n_views):
        self.n_views = n_views
        self.asked = []
        self._features = features

    def _view(self, rows, key):
        self.asked.append(len(rows))
        rng = np.random.default_rng(np.random.SeedSequence(7, spawn_key=key))
        noise = rng.normal(size=(len(rows), D))
        x = self._features.train[rows] + noise
        return x.astype(np.float32), np.eye(C, dtype=np.float32)[self._features.train_labels[rows]]

    def pools(self, augmentation, rows, *, seeds):
        made = [
            self._view(rows, (len(augmentation), seed, view))
            for seed in seeds
            for view in range(self.n_views)
        ]
        return np.concatenate([x for x, _ in made]), np.concatenate([y for _, y in made])

    def fresh(self, augmentation, rows, *, seeds, epoch):
        made = [
            self._view(own, (len(augmentation), seed, epoch)) for own, seed in zip(rows, seeds, strict=True)
        ]
        return np.concatenate([x for x, _ in made]), np.concatenate([y for _, y in made])


REFERENCE = Setting(lr=0.001, batch_size=32, dropout=0.5, l1=0.0, augmentation="none", images_per_class="all")


def some_run(i, **change):
    run = Run(
        name=f"run {i}",
        setting=REFERENCE,
        init_seed=10 + i,
        order_seed=20 + i,
        dropout_seed=30 + i,
        subset_seed=40 + i,
        augmentation_seed=50 + i,
    )
    return changed(run, **change)


def changed(run, **change):
    """The run with other seeds or other levels."""
    levels = {name: change.pop(name) for name in FACTORS if name in change}
    return dataclasses.replace(run, setting=run.setting.model_copy(update=levels), **change)


def mixed_runs():
    """Runs of three replicates, some of which see the same batches as others."""
    changes = [
        {},
        {"lr": 0.005},
        {"lr": 0.002},
        {"dropout": 0.3},
        {"batch_size": 16},
        {"l1": 0.0005, "dropout": 0.3},
        {"augmentation": "rotation"},
        {"augmentation": "cutmix"},
        {"images_per_class": 10},
        {"images_per_class": 5},
        {"images_per_class": 10, "augmentation": "rotation"},
    ]
    return [some_run(i, **change) for i in range(3) for change in changes]


def outcomes(runs, features, views, memory_bytes=1e9, train_eval_images=1000):
    steps = []
    trained = train(
        runs,
        features,
        views,
        epochs=EPOCHS,
        train_eval_images=train_eval_images,
        memory_bytes=memory_bytes,
        advance=steps.append,
    )
    by_run = {(o.run.name, o.run): o for group in trained for o in group}
    assert sum(steps) == head_steps(runs, features.train_labels, epochs=EPOCHS)
    return {run: outcome for (_, run), outcome in by_run.items()}


def same(one, other):
    return all(
        np.array_equal(getattr(one, name).view(np.uint32), getattr(other, name).view(np.uint32))
        for name in ("history", "valid_probs", "test_probs", "train_probs")
    )


@pytest.mark.parametrize("n_views", [2, None])
def test_a_run_is_the_same_alone_in_company_and_in_any_order(features, n_views):
    runs = mixed_runs()
    together = outcomes(runs, features, NoisyViews(features, n_views))
    shuffled = [runs[i] for i in np.random.default_rng(0).permutation(len(runs))]
    reordered = outcomes(shuffled, features, NoisyViews(features, n_views))
    alone = outcomes(runs[::4], features, NoisyViews(features, n_views), memory_bytes=0)
    assert set(together) == set(runs) == set(reordered)
    assert all(same(together[run], reordered[run]) for run in runs)
    assert all(same(together[run], alone[run]) for run in runs[::4])


def test_every_seed_and_every_factor_changes_the_run(features):
    base = some_run(0, augmentation="rotation")
    few = some_run(0, images_per_class=10)
    other_levels = {
        "lr": 0.002,
        "batch_size": 30,
        "dropout": 0.4,
        "l1": 0.001,
        "augmentation": "none",
        "images_per_class": 10,
        "label_smoothing": 0.1,
        "weight_decay": 0.1,
    }
    assert set(other_levels) == set(FACTORS)
    seeds = ("init_seed", "order_seed", "dropout_seed", "augmentation_seed")
    others = [
        changed(base, **{name: value}) for name, value in (other_levels | dict.fromkeys(seeds, 1)).items()
    ]
    got = outcomes([base, *others, few, changed(few, subset_seed=1)], features, NoisyViews(features, 2))
    assert not any(same(got[base], got[run]) for run in others)
    assert not same(got[few], got[changed(few, subset_seed=1)])


def test_the_history_ends_where_the_predictions_are(features):
    run = some_run(0, images_per_class=10)
    outcome = outcomes([run], features, NoisyViews(features, 2))[run]
    train_accuracy = (outcome.train_probs.argmax(1) == features.train_labels[outcome.train_rows]).mean()
    valid_accuracy = (outcome.valid_probs.argmax(1) == features.valid_labels).mean()
    assert outcome.history[-1, 3] == pytest.approx(train_accuracy, abs=1e-6)
    assert outcome.history[-1, 5] == pytest.approx(valid_accuracy, abs=1e-6)
    np.testing.assert_allclose(outcome.test_probs.sum(1), 1, rtol=1e-5)
    assert len(outcome.train_rows) == 30


def test_training_accuracy_is_measured_on_a_sample_and_at_the_end_on_all(features):
    run = some_run(0)
    views = NoisyViews(features, 2)
    whole = outcomes([run], features, views)[run]
    part = outcomes([run], features, views, train_eval_images=30)[run]
    assert part.train_probs.tobytes() == whole.train_probs.tobytes()
    np.testing.assert_array_equal(part.history[:, [0, 1, 4, 5]], whole.history[:, [0, 1, 4, 5]])
    rows = batches.sample(part.train_rows, features.train_labels, 30)
    assert np.bincount(features.train_labels[rows]).tolist() == [10, 10, 10]
    hits = part.train_probs[rows].argmax(1) == features.train_labels[rows]
    assert part.history[-1, 3] == pytest.approx(hits.mean(), abs=1e-6)


def test_the_weights_give_the_predictions(features):
    run = some_run(0)
    outcome = outcomes([run, some_run(1)], features, NoisyViews(features, 2))[run]
    kernel, bias, out_kernel, out_bias = outcome.weights
    logits = np.maximum(features.test @ kernel.T + bias, 0) @ out_kernel + out_bias
    probs = np.exp(logits - logits.max(1, keepdims=True))
    np.testing.assert_allclose(probs / probs.sum(1, keepdims=True), outcome.test_probs, atol=1e-5)


def test_a_run_that_diverges_says_so_in_its_history(features):
    run = some_run(0, lr=1e30)
    ordinary = some_run(1)
    got = outcomes([run, ordinary], features, NoisyViews(features, 2))
    assert not np.isfinite(got[run].history).all()
    assert np.isfinite(got[ordinary].history).all()


@pytest.mark.parametrize("n_views", [3, None])
def test_the_count_of_augmented_images_is_what_views_are_asked_for(features, n_views):
    runs = mixed_runs()
    views = NoisyViews(features, n_views)
    outcomes(runs, features, views)
    assert sum(views.asked) == augmented_images(runs, features.train_labels, epochs=EPOCHS, n_views=n_views)


def test_each_replicate_has_a_pool_of_its_own_made_once_for_all_its_settings(features):
    views = NoisyViews(features, 4)
    runs = [some_run(i, augmentation="rotation", lr=lr) for lr in (0.001, 0.002) for i in range(23)]
    outcomes(runs, features, views)
    assert views.asked == [N] * 4 * 23


def test_replicates_that_differ_in_their_augmentation_seed_alone_train_on_other_views(features):
    alike = dict.fromkeys(("init_seed", "order_seed", "dropout_seed", "subset_seed"), 5)
    one = some_run(1, augmentation="rotation", augmentation_seed=1, **alike)
    other = some_run(2, augmentation="rotation", augmentation_seed=2, **alike)
    got = outcomes([one, other], features, NoisyViews(features, 1))
    assert not np.array_equal(got[one].history, got[other].history)


def test_runs_that_see_the_same_batches_stand_together(features):
    runs = [some_run(i, lr=lr) for lr in (0.001, 0.002, 0.005) for i in range(4)]
    runs += [some_run(i, batch_size=16) for i in range(4)]
    made = list(groups(runs, features.train_labels, heads_per_group=10))
    seeds = [{run.order_seed for run in group.runs} for group in made]
    assert [len(group.runs) for group in made] == [3, 3, 3, 3, 4]
    assert [len(one) for one in seeds] == [1, 1, 1, 1, 4]


def test_groups_hold_only_runs_that_can_train_side_by_side(features):
    seen = []
    for group in groups(mixed_runs(), features.train_labels, heads_per_group=2):
        assert len(group.runs) <= 2
        assert len({(run.setting.batch_size, run.setting.augmentation) for run in group.runs}) == 1
        seen += group.runs
    assert sorted(run.name for run in seen) == sorted(run.name for run in mixed_runs())
