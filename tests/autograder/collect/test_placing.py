"""Choosing the notebook, naming what lies beside it, and never losing what was there before."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from autograder.collect.placing import arrange, place
from autograder.collect.staging import Stage
from autograder.errors import CollectError

NAME = "04_mnist"
MODELS = ("preprocess", "softmax", "mlp", "cnn")
TIME = datetime(2026, 11, 24, 23, 0, tzinfo=timezone.utc)


def staged(tmp_path: Path, *names: str) -> Stage:
    stage = Stage(tmp_path / "submitted/.collecting/0")
    for name in names:
        assert stage.add(name, [name.encode()])
    return stage


def arranged(tmp_path: Path, *names: str) -> dict[str, str]:
    """Return what each file was called, by what it is called now."""
    files, _ = arrange(staged(tmp_path, *names), NAME, MODELS)
    return {target: path.read_text() for target, path in files.items()}


@pytest.mark.parametrize(
    ("names", "notebook"),
    [
        (["entrega.ipynb"], "entrega.ipynb"),
        (["04_mnist.ipynb", "old.ipynb"], "04_mnist.ipynb"),
        (["04_mnist-1.ipynb", "old.ipynb"], "04_mnist-1.ipynb"),
        (["04_mnist (2).ipynb", "old.ipynb"], "04_mnist (2).ipynb"),
        (["04_MNIST-Copy1.IPYNB", "old.ipynb"], "04_MNIST-Copy1.IPYNB"),
        (["ana_04_mnist_final.ipynb", "old.ipynb"], "ana_04_mnist_final.ipynb"),
        (["04_mnist.ipynb", "backup/04_mnist.ipynb"], "04_mnist.ipynb"),
        (["tp/04_mnist.ipynb", "02_convolucion.ipynb"], "tp/04_mnist.ipynb"),
    ],
)
def test_the_notebook_is_chosen_by_its_name(tmp_path: Path, names: list[str], notebook: str) -> None:
    """The right name first, then that of a copy, then the only one; it gets the name that nbgrader knows."""
    assert arranged(tmp_path, *names)["04_mnist.ipynb"] == notebook


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.ipynb", "b.ipynb"], r"one notebook called 04_mnist\.ipynb\. Received: a\.ipynb, b\.ipynb"),
        (["04_mnist-1.ipynb", "04_mnist-2.ipynb"], "one notebook"),
        (["a.txt"], r"other files only \(1\)"),
        ([], "nothing that can be taken"),
    ],
)
def test_without_one_notebook_there_is_no_submission(tmp_path: Path, names: list[str], said: str) -> None:
    """The instructor decides, not the order of names."""
    with pytest.raises(CollectError, match=said) as caught:
        arrange(staged(tmp_path, *names), NAME, MODELS)
    assert caught.value.kind == "no-notebook"


def test_the_folder_of_the_notebook_is_the_submission(tmp_path: Path) -> None:
    """What lies elsewhere in a repository or an archive is left out, models aside."""
    names = ["tp/04_mnist.ipynb", "tp/models/cnn.keras", "tp/img/a.png", "mlp (1).keras", "README.md", ".github/a.yml"]
    stage = staged(tmp_path, *names)
    files, notes = arrange(stage, NAME, MODELS)
    assert {target: path.read_text() for target, path in files.items()} == {
        "04_mnist.ipynb": "tp/04_mnist.ipynb",
        "models/cnn.keras": "tp/models/cnn.keras",
        "models/mlp.keras": "mlp (1).keras",
        "img/a.png": "tp/img/a.png",
    }
    assert notes == ["left out 2 files outside the notebook's folder"]


def test_models_that_lie_beside_the_notebook_are_found(tmp_path: Path) -> None:
    """Canvas knows no folders; one in its right place is better than one that is not."""
    assert arranged(tmp_path, "04_mnist.ipynb", "cnn-1.keras", "softmax.keras", "models/softmax.keras", "x.keras") == {
        "04_mnist.ipynb": "04_mnist.ipynb",
        "models/cnn.keras": "cnn-1.keras",
        "models/softmax.keras": "models/softmax.keras",
        "x.keras": "x.keras",
    }


@pytest.mark.parametrize(
    "name", ["timestamp.txt", "Timestamp.TXT", "timestamp.txt/a", "04_mnist.ipynb/a", "04_MNIST.ipynb/b/c"]
)
def test_nobody_takes_the_place_of_nbgraders_files(tmp_path: Path, name: str) -> None:
    """A time of one's own would undo a late penalty; a folder in its place would stop nbgrader for the whole class."""
    stage = staged(tmp_path, "entrega.ipynb", name)
    files, notes = arrange(stage, NAME, MODELS)
    assert list(files) == ["04_mnist.ipynb"]
    assert "its place is taken" in notes[0]
    assert place(files, tmp_path / "submitted/ana/04_mnist", None, tmp_path / "replaced")[0] == "new"


def test_a_file_called_models_is_in_nobodys_way(tmp_path: Path) -> None:
    """The model stays where it was."""
    assert arranged(tmp_path, "04_mnist.ipynb", "models", "cnn.keras") == {
        "04_mnist.ipynb": "04_mnist.ipynb",
        "models": "models",
        "cnn.keras": "cnn.keras",
    }


def put(tmp_path: Path, files: dict[str, str], time: datetime | None = TIME) -> tuple[str, Path | None]:
    stage = Stage(tmp_path / "submitted/.collecting/0")
    for name, content in files.items():
        stage.add(name, [content.encode()])
    arranged_files, _ = arrange(stage, NAME, MODELS)
    destination = tmp_path / "submitted/ana/04_mnist"
    result = place(arranged_files, destination, time, tmp_path / "downloaded/replaced/ana")
    for path in stage.files.values():
        path.unlink(missing_ok=True)
    return result


def test_only_changes_are_placed_and_nothing_is_deleted(tmp_path: Path) -> None:
    """What was replaced is kept, with its time."""
    folder = tmp_path / "submitted/ana/04_mnist"
    assert put(tmp_path, {"04_mnist.ipynb": "1", "models/cnn.keras": "m"}) == ("new", None)
    inode = folder.stat().st_ino
    assert put(tmp_path, {"04_mnist.ipynb": "1", "models/cnn.keras": "m"}) == ("unchanged", None)
    assert folder.stat().st_ino == inode
    status, earlier = put(tmp_path, {"04_mnist.ipynb": "2"})
    assert status == "updated"
    assert earlier is not None
    assert sorted(path.relative_to(earlier).as_posix() for path in earlier.rglob("*") if path.is_file()) == [
        "04_mnist.ipynb",
        "models/cnn.keras",
        "timestamp.txt",
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["04_mnist.ipynb", "timestamp.txt"]


def test_what_somebody_changed_by_hand_is_kept_too(tmp_path: Path) -> None:
    """Links that appeared are no files of the student's."""
    put(tmp_path, {"04_mnist.ipynb": "1"})
    (tmp_path / "submitted/ana/04_mnist/link").symlink_to("/etc/passwd")
    status, earlier = put(tmp_path, {"04_mnist.ipynb": "1"})
    assert status == "updated"
    assert earlier is not None
    assert (earlier / "link").is_symlink()


def test_the_time_is_kept_up_to_date(tmp_path: Path) -> None:
    """A time that is not known any more is not left there; the folder counts as unchanged."""
    path = tmp_path / "submitted/ana/04_mnist/timestamp.txt"
    put(tmp_path, {"04_mnist.ipynb": "1"})
    assert path.read_text() == "2026-11-24 23:00:00.000000 UTC\n"
    assert put(tmp_path, {"04_mnist.ipynb": "1"}, None)[0] == "unchanged"
    assert not path.exists()


@pytest.mark.parametrize("where", ["submitted/ana", "submitted/ana/04_mnist"])
def test_a_link_in_the_way_is_left_alone(tmp_path: Path, where: str) -> None:
    """It could lead anywhere."""
    path = tmp_path / where
    path.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "elsewhere").mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CollectError, match="a link or file; it stays"):
        put(tmp_path, {"04_mnist.ipynb": "1"})
    assert list((tmp_path / "elsewhere").iterdir()) == []
