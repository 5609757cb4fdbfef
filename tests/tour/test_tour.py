"""The tour: it keeps what is not its own, survives a stop, repeats itself, and refuses before it works."""

import concurrent.futures
import json
import re

import numpy as np
import pytest

from nnlite import tour
from nnlite.cli import main
from nnlite.tour import page, rungs
from nnlite.tour.rungs import Story


class Drawing:
    """A picture that costs nothing."""

    def savefig(self, path, **_):
        path.write_bytes(b"a picture")


def story(score="1.00"):
    return Story("A title", "Somebody, 1901", "One.\n\nTwo & <three>.", "y = x", "something", score, {"score": 1.0},
                 [(Drawing(), "what is seen")])  # fmt: skip


@pytest.fixture
def quick_rungs(monkeypatch):
    """Two rungs that take no time, in the place of the real ones."""
    fakes = {"neuron": lambda rng, verbose: story(), "perceptron": lambda rng, verbose: story(f"{rng.random():.6f}")}
    monkeypatch.setattr(rungs, "RUNGS", fakes)
    monkeypatch.setattr(tour, "RUNGS", fakes)
    return fakes


def climb(folder, **options):
    return tour.climb(tour.prepare(folder, **options), verbose=False)


def test_every_rung_is_on_the_page_with_its_pictures(tmp_path, quick_rungs):
    assert climb(tmp_path / "out") == 0
    html = (tmp_path / "out" / "index.html").read_text()
    for name in quick_rungs:
        assert f'id="{name}"' in html
        assert (tmp_path / "out" / f"pictures/{name}-1.png").read_bytes() == b"a picture"
        assert f'src="pictures/{name}-1.png"' in html
    assert "<p>Two &amp; &lt;three&gt;.</p>" in html


def test_the_page_loads_nothing_from_the_network(tmp_path, quick_rungs):
    climb(tmp_path)
    html = (tmp_path / "index.html").read_text()
    assert not re.search(r"(src|href)=\"(https?:)?//|@import|url\(", html)


def test_another_seed_is_another_result_and_the_same_seed_the_same(tmp_path, quick_rungs):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        climb(tmp_path / name, seed=seed)
    a, b, c = (json.loads((tmp_path / n / "results.json").read_text())["rungs"]["perceptron"]["score"] for n in "abc")
    assert a == b != c


def test_a_rung_scores_the_same_alone_as_in_the_whole_tour(tmp_path, quick_rungs):
    """Catches one generator handed from rung to rung."""
    climb(tmp_path / "all")
    climb(tmp_path / "one", only=["perceptron"])
    both = [json.loads((tmp_path / n / "results.json").read_text())["rungs"]["perceptron"] for n in ("all", "one")]
    assert both[0]["score"] == both[1]["score"]


def test_a_folder_keeps_what_is_not_the_tours_own(tmp_path, quick_rungs):
    (tmp_path / "thesis.txt").write_text("ten years of work")
    climb(tmp_path)
    (tmp_path / "pictures" / "holiday.png").write_bytes(b"sea")
    climb(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"
    assert (tmp_path / "pictures" / "holiday.png").read_bytes() == b"sea"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index.html", "pictures", "results.json", "thesis.txt"]


@pytest.mark.parametrize("name", ["index.html", "results.json", "pictures/1.png"])
def test_a_page_that_no_tour_wrote_is_not_overwritten(tmp_path, quick_rungs, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(FileExistsError, match="no tour wrote"):
        climb(tmp_path)
    assert (tmp_path / name).read_text() == "mine"
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def test_a_second_tour_of_one_rung_keeps_the_others_on_the_page(tmp_path, quick_rungs):
    climb(tmp_path)
    climb(tmp_path, only=["neuron"])
    assert 'id="perceptron"' in (tmp_path / "index.html").read_text()


def test_a_stop_keeps_the_finished_rungs(tmp_path, quick_rungs):
    def interrupted(rng, verbose):
        raise KeyboardInterrupt

    quick_rungs["perceptron"] = interrupted
    assert climb(tmp_path) == 130
    html = (tmp_path / "index.html").read_text()
    assert 'id="neuron"' in html
    assert 'id="perceptron"' not in html
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_stop_in_the_first_rung_does_not_lock_the_folder(tmp_path, quick_rungs):
    """Catches a folder that is known as the tour's only once a rung is finished."""
    real = quick_rungs["neuron"]

    def interrupted(rng, verbose):
        raise KeyboardInterrupt

    quick_rungs["neuron"] = interrupted
    assert climb(tmp_path) == 130
    quick_rungs["neuron"] = real
    assert climb(tmp_path) == 0


@pytest.mark.parametrize("rungs", ["[]", '{"neuron": {}}', '{"neuron": null}', "7"])
def test_damaged_results_are_left_out(tmp_path, quick_rungs, rungs):
    climb(tmp_path)
    (tmp_path / "results.json").write_text('{"written by": "nnlite tour", "rungs": ' + rungs + "}")
    assert climb(tmp_path, only=["perceptron"]) == 0
    assert 'id="neuron"' not in (tmp_path / "index.html").read_text()


def test_two_tours_into_one_folder_lose_nothing(tmp_path, quick_rungs):
    """Both read the results before either has written: what the other adds must be found again."""
    first, second = tour.prepare(tmp_path, only=["neuron"]), tour.prepare(tmp_path, only=["perceptron"])
    tour.climb(first, verbose=False)
    tour.climb(second, verbose=False)
    assert list(json.loads((tmp_path / "results.json").read_text())["rungs"]) == ["neuron", "perceptron"]
    html = (tmp_path / "index.html").read_text()
    assert 'id="neuron"' in html and 'id="perceptron"' in html


def test_eight_tours_at_the_same_time(tmp_path, monkeypatch):
    names = [f"rung{i}" for i in range(8)]
    fakes = {name: lambda rng, verbose: story() for name in names}
    monkeypatch.setattr(rungs, "RUNGS", fakes)
    monkeypatch.setattr(tour, "RUNGS", fakes)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda plan: tour.climb(plan, verbose=False),
                              [tour.prepare(tmp_path, only=[name]) for name in names]))  # fmt: skip
    assert codes == [0] * 8
    assert list(json.loads((tmp_path / "results.json").read_text())["rungs"]) == names
    assert sorted(p.name for p in tmp_path.iterdir()) == ["index.html", "pictures", "results.json"]


def test_results_deleted_meanwhile_are_written_again(tmp_path, quick_rungs):
    def deleting(rng, verbose):
        (tmp_path / "results.json").unlink()
        return story()

    quick_rungs["perceptron"] = deleting
    assert climb(tmp_path) == 0
    assert list(json.loads((tmp_path / "results.json").read_text())["rungs"]) == ["neuron", "perceptron"]


def test_unknown_rungs_are_named_and_nothing_is_made(tmp_path, capsys):
    assert main(["tour", "--out", str(tmp_path / "out"), "--only", "percepton"]) == 2
    message = capsys.readouterr().err
    assert "'percepton'" in message
    assert "did you mean 'perceptron'?" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", ["a file", "a file/below"])
def test_an_impossible_folder_is_an_error_before_the_work(tmp_path, capsys, out):
    (tmp_path / "a file").write_text("kept")
    assert main(["tour", "--out", str(tmp_path / out)]) == 2
    assert "a file" in capsys.readouterr().err
    assert (tmp_path / "a file").read_text() == "kept"


def test_a_negative_seed_is_refused(tmp_path):
    with pytest.raises(ValueError, match="seed is -1"):
        tour.prepare(tmp_path / "out", seed=-1)


def test_the_students_functions_are_counted_and_zero_is_said(tmp_path, quick_rungs, capsys):
    from nnlite.models import perceptron

    def calls_loss(rng, verbose):
        perceptron.loss(np.zeros(2), np.ones((1, 2)), np.ones(1))
        return story()

    quick_rungs["neuron"] = calls_loss
    plan = tour.prepare(tmp_path)
    plan.mine = {"perceptron.loss": lambda w, X, y: 0.0, "functional.softmax": lambda x, dim=-1: None}
    tour.climb(plan)
    printed = capsys.readouterr().out
    assert "your perceptron.loss was called once" in printed
    assert "your functional.softmax was never called" in printed
    assert "never called" in (tmp_path / "index.html").read_text()
    climb(tmp_path, only=["perceptron"])
    assert "was called once" in (tmp_path / "index.html").read_text()


def test_a_students_function_that_fails_on_the_way_is_said(tmp_path, quick_rungs, capsys):
    def failing(rng, verbose):
        raise RecursionError("too deep")

    quick_rungs["perceptron"] = failing
    plan = tour.prepare(tmp_path)
    plan.mine = {"perceptron.loss": lambda w, X, y: 0.0}
    assert tour.climb(plan) == 1
    printed = capsys.readouterr().out
    assert "RecursionError: too deep" in printed
    assert "neuron" in printed


def test_the_real_small_rungs_reach_their_scores(tmp_path):
    """Catches a perceptron that does not separate and a machine that only learns its own typeface by heart."""
    climb(tmp_path, only=["neuron", "perceptron", "mark1"])
    results = json.loads((tmp_path / "results.json").read_text())["rungs"]
    assert results["neuron"]["scores"]["right"] == 1
    assert results["perceptron"]["scores"]["accuracy"] >= 0.95
    assert results["mark1"]["scores"]["one face"] == 1
    assert results["mark1"]["scores"]["unseen faces"] >= 0.85
    for result in results.values():
        for file, _ in result["pictures"]:
            assert (tmp_path / file).read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_whole_tour_reaches_its_scores(tmp_path):
    climb(tmp_path)
    results = json.loads((tmp_path / "results.json").read_text())["rungs"]
    assert list(results) == list(tour.RUNGS)
    assert results["mlp"]["scores"]["digits"] >= 0.96
    assert results["transformer"]["scores"]["recall"] >= 0.98
    assert results["diffusion"]["scores"]["background"] >= 0.90
    assert results["diffusion"]["scores"]["fur"] >= 0.80


def test_the_table_lines_up():
    rows = [{"name": "mlp", "learned": "a", "score": "b", "seconds": 12.34}]
    lines = page.table(rows).splitlines()[1:]
    assert len({len(line) for line in lines}) == 1
    assert lines[1].endswith("12.3")
