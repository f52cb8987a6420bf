"""The benchmark of workers, run small on one worker process."""

from benchmarks import workers


def test_runs_are_timed_on_workers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    workers.project(20)
    assert workers.train(workers.chosen(1), 1) > 0
    assert "efficientnet-lite0: 4 runs in 1 job," in capsys.readouterr().err
