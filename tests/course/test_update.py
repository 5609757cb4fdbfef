"""An update renews what the library gave and nobody touched, and leaves every line and every tick of the student's."""

import json

import pytest

from nnlite.course import lessons, update, workspace
from nnlite.course.commands import add_commands
from nnlite.course.stubs import reference_file, stub_file

LOSS, SOFTMAX = lessons.find("perceptron.loss"), lessons.find("functional.softmax")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder of an older nnlite: other stubs, another notebook, one exercise fewer, one lesson fewer."""
    now = workspace.materials()
    lesson = next(name for name in now if name.startswith("02"))
    gone = {SOFTMAX.file, next(name for name in now if name.startswith("01"))}
    old = {name: f"{text}\n# of old\n" for name, text in now.items() if name not in gone}
    notebook = json.loads(now[lesson])
    notebook["cells"][0]["source"] = ["# of old"]
    old[lesson] = json.dumps(notebook)
    with monkeypatch.context() as patch:
        patch.setattr(workspace, "materials", lambda: old)
        folder = workspace.start(tmp_path / "my-course")
    return folder, now, lesson, gone


def read(folder, name):
    return (folder / name).read_text(encoding="utf-8")


def test_what_nobody_touched_is_renewed_and_what_is_new_is_added(course):
    folder, now, _, gone = course
    report = update.update(folder)
    assert set(report.added) == gone
    assert set(report.renewed) == set(now) - gone
    assert not report.kept
    assert {name: read(folder, name) for name in now} == now
    assert str(update.update(folder)) == "Everything is as the installed nnlite has it."


def test_every_line_and_every_tick_of_the_student_stays(course):
    folder, now, lesson, _ = course
    (folder / LOSS.file).write_text(reference_file(LOSS), encoding="utf-8")
    assert workspace.check_file(LOSS, folder)
    workspace.next_hint(LOSS, folder)
    notebook = json.loads(read(folder, lesson))
    cell = next(c for c in notebook["cells"] if "exercise:perceptron.loss" in c["metadata"].get("tags", []))
    cell["source"] = ["def perceptron_loss(w, X, y):\n", "    return 'mine'\n"]
    (folder / lesson).write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "README.md").write_text("my notes")
    (folder / "diary.txt").write_text("dear diary")
    before = {name: read(folder, name) for name in (LOSS.file, lesson, "README.md", "diary.txt")}

    report = update.update(folder)
    assert set(report.kept) == {LOSS.file, lesson, "README.md"}
    assert f"nnlite course stub {LOSS.long_name}" in report.kept[LOSS.file]
    assert {name: read(folder, name) for name in before} == before
    assert dict(workspace.statuses(folder))[LOSS] == "solved"
    assert workspace.read_state(folder)["hints"] == {"perceptron.loss": 1}

    (beside,) = [path for path in folder.glob("*.ipynb") if path.name not in now]
    assert beside.name in report.kept[lesson]
    fresh, given = json.loads(beside.read_text(encoding="utf-8")), json.loads(now[lesson])
    for new, theirs in zip(fresh["cells"], given["cells"], strict=True):
        mine = "exercise:perceptron.loss" in new["metadata"].get("tags", [])
        assert new["source"] == (cell["source"] if mine else theirs["source"])

    assert not update.update(folder).kept  # it is said once


def test_a_notebook_that_is_none_any_more_gets_the_new_one_beside(course):
    folder, now, lesson, _ = course
    (folder / lesson).write_text("{broken", encoding="utf-8")
    update.update(folder)
    assert read(folder, lesson) == "{broken"
    (beside,) = [path for path in folder.glob("*.ipynb") if path.name not in now]
    assert beside.read_text(encoding="utf-8") == now[lesson]


def test_half_an_emoji_and_a_bottomless_notebook_do_not_stop_it(course):
    """JSON can hold half a surrogate pair, which UTF-8 cannot; brackets without end are no notebook."""
    folder, now, lesson, _ = course
    notebook = json.loads(read(folder, lesson))
    cell = next(c for c in notebook["cells"] if "exercise:perceptron.loss" in c["metadata"].get("tags", []))
    cell["source"] = ["x = 'mine \ud83d'\n"]
    (folder / lesson).write_text(json.dumps(notebook), encoding="utf-8")
    other = next(name for name in now if name.endswith(".ipynb") and (folder / name).exists() and name != lesson)
    (folder / other).write_text("[" * 100_000, encoding="utf-8")
    report = update.update(folder)
    assert {lesson, other} <= set(report.kept)
    copy = next(path for path in folder.rglob("*.ipynb") if path.name.startswith(f"{lesson.split('/')[-1][:-6]}-"))
    assert "mine" in copy.read_text(encoding="utf-8")


def test_stopped_half_way_it_ends_the_same_the_next_time(course, monkeypatch):
    folder, now, _, _ = course
    (folder / LOSS.file).write_text("mine", encoding="utf-8")
    real, seen = update.write, []

    def stopped(path, text):
        seen.append(path)
        if len(seen) == 4:
            raise KeyboardInterrupt
        real(path, text)

    monkeypatch.setattr(update, "write", stopped)
    with pytest.raises(KeyboardInterrupt):
        update.update(folder)
    monkeypatch.undo()
    report = update.update(folder)
    assert set(report.kept) == {LOSS.file}
    assert {name: read(folder, name) for name in now} == now | {LOSS.file: "mine"}


def test_a_folder_without_notes_keeps_everything(course):
    folder, now, _, gone = course
    before = {name: read(folder, name) for name in now if name not in gone}
    (folder / ".nnlite-course.json").unlink()
    report = update.update(folder)
    assert set(report.added) == gone and not report.renewed
    assert {name: read(folder, name) for name in before} == before


def test_a_file_that_is_no_text_is_left(course):
    folder, _, _, _ = course
    (folder / LOSS.file).write_bytes(b"\xff\xfe\x00")
    assert update.update(folder).kept[LOSS.file] == "it cannot be read"
    assert (folder / LOSS.file).read_bytes() == b"\xff\xfe\x00"


def test_the_command_says_what_it_did(course, capsys):
    import argparse

    folder, _, _, _ = course
    (folder / LOSS.file).write_text(stub_file(LOSS) + "# mine\n", encoding="utf-8")
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    options = parser.parse_args(["course", "update", "--folder", str(folder)])
    assert options.run(options) == 0
    said = capsys.readouterr().out
    assert f"added    {SOFTMAX.file}" in said and f"kept     {LOSS.file}, which you have changed" in said
