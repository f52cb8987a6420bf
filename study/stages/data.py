"""Acquire the dataset and pack it into a few arrays and a manifest."""

from study import files, params
from study.data import acquire, dataset, native, shared
from study.errors import counted, public
from study.pipeline import outside, paths
from study.pipeline.console import progress, run, say


def main() -> None:
    """Write data/dataset and reports/dataset.json."""
    chosen = params.load(paths.PARAMS)
    say(f"dataset {public(chosen.dataset)}")
    if any(address != public(address) for address in (chosen.dataset, *chosen.dataset_mirrors)):
        say("params.yaml and dvc.lock keep an address as it is; a password is safer in ~/.netrc")
    scratch = paths.scratch()
    with progress() as bar:
        task = bar.add_task("images", total=None)
        data = acquire.acquire(
            outside.dataset(chosen),
            md5=chosen.dataset_md5,
            mirrors=chosen.dataset_mirrors,
            cache=paths.downloads(),
            scratch=scratch,
            size=native.pixels(chosen.dataset, chosen.image_size),
            advance=lambda done: bar.advance(task, done),
        )
    for note in data.notes:
        say(note)
    if chosen.drop_shared_images:
        data, lost = shared.without_shared(data, scratch=scratch)
        say(
            "images dropped that a later split holds: "
            + ", ".join(f"{split} {n}" for split, n in lost.items())
        )
    described = dataset.save(data, paths.DATASET)
    for pair, n in described["duplicates"]["across"].items():
        if n:
            shared_images = counted(n, "image")
            say(f"{pair.replace('-', ' and ')} share {shared_images}; drop_shared_images: true drops them")
    files.write_json(paths.DATASET_JSON, {"dataset": [described]})
    if not acquire.is_local(chosen.dataset):  # what was downloaded; DVC hashes dependencies after the command
        outside.record_dataset(chosen)


if __name__ == "__main__":
    run(main)
