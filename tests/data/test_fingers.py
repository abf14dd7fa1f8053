"""The fingers data set in its two layouts, on small generated images."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import data
from data import DataCorrupt, DataMissing
from data.fingers import balanced, image_files, kind_of, label_of, load_split, read_images, write_images
from data.sandbox import sandbox_view

ROOT = Path(__file__).resolve().parents[2]


def picture(seed: int, size: int = 128) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size), np.uint8)


@pytest.mark.parametrize(
    ("path", "label", "hand"),
    [
        ("train/000e7aa6-100b-4c6b-9ff0-e7a8e53e4465_5L.png", 5, "L"),
        ("my_4R.files/test/ab_0R.png", 0, "R"),
        ("train/3/img_001_3R.png", 3, "R"),
        ("train/3/img_001.png", 3, "L"),
    ],
)
def test_the_name_tells_the_label(path: str, label: int, hand: str) -> None:
    """Or else the folder does; underscores elsewhere do not matter."""
    assert label_of(Path(path)) == label
    assert kind_of(Path(path)) == f"{label}{hand}"


@pytest.mark.parametrize("name", ["train/a_6L.png", "train/3L.png", "a_3L/b.png", "7/a.png", "train/a_3X.png"])
def test_a_name_without_a_label_is_refused(name: str) -> None:
    """With what a name should look like."""
    with pytest.raises(DataCorrupt, match=r"expected a name that ends in _<0-5><L or R>\.png"):
        label_of(Path(name))


def test_written_images_come_back(tmp_path: Path) -> None:
    """Every pixel and label, in the order of the names, which are the same for the same seed."""
    images = np.stack([picture(seed) for seed in range(6)])
    labels = ["0L", "1R", "2L", "3R", "4L", "5R"]
    write_images(tmp_path / "train", images, labels, seed=3)
    write_images(tmp_path / "again", images, labels, seed=3)
    assert [path.name for path in image_files(tmp_path / "train")] == [p.name for p in image_files(tmp_path / "again")]
    found, counts = load_split(tmp_path / "train")
    assert (found.dtype, found.shape, counts.dtype) == (np.uint8, (6, 128, 128), np.uint8)
    assert sorted(counts.tolist()) == [0, 1, 2, 3, 4, 5]
    for image, count in zip(found, counts):
        assert np.array_equal(image, images[count])


def test_the_smaller_copy_is_read_like_the_original(tmp_path: Path) -> None:
    """Folders 0 to 5 of 64x64 pixels, grey or in colour, become 128x128."""
    for label in range(6):
        folder = tmp_path / "train" / str(label)
        folder.mkdir(parents=True)
        Image.new("L" if label % 2 else "RGB", (64, 64), 40 * label if label % 2 else (40 * label,) * 3).save(
            folder / f"img_001_{label}L.png"
        )
        (folder / f"._img_001_{label}L.png").write_bytes(b"left behind by an archive program")
    images, labels = load_split(tmp_path / "train")
    assert images.shape == (6, 128, 128)
    assert labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert images.reshape(6, -1).min(axis=1).tolist() == images.reshape(6, -1).max(axis=1).tolist()
    assert images[:, 0, 0].tolist() == [0, 40, 80, 120, 160, 200]


def test_a_folder_without_images_says_what_belongs_there(tmp_path: Path) -> None:
    """It may be the wrong folder."""
    (tmp_path / "train").mkdir()
    with pytest.raises(DataMissing, match=r"needs .*train.*Its PNG files belong there"):
        image_files(tmp_path / "train")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "expected a PNG image"),
        (b"\x89PNG\r\n\x1a\n broken", "expected a PNG image"),
        ("cut", "expected a PNG image"),
        ((200, 100), r"expected a square image of at most 1024 pixels a side\. Received: \(200, 100\)"),
        ((2000, 2000), "expected a square image of at most 1024"),
    ],
)
def test_a_file_that_is_no_such_image_is_named(tmp_path: Path, content: object, reason: str) -> None:
    """Empty, broken, cut off, not square, or far too large."""
    path = tmp_path / "a_1L.png"
    if isinstance(content, tuple):
        Image.new("L", content).save(path)
    elif content == "cut":
        Image.fromarray(picture(1)).save(path)
        path.write_bytes(path.read_bytes()[:3000])
    else:
        path.write_bytes(content)  # type: ignore[arg-type]
    with pytest.raises(DataCorrupt, match=reason) as caught:
        read_images([path])
    assert caught.value.path == path


def test_a_balanced_choice_has_as_many_of_each_kind() -> None:
    """And the same ones every time; fewer files than wanted are all taken."""
    files = [Path(f"{number:03}_{label}{hand}.png") for number in range(9) for label in range(6) for hand in "LR"]
    files += [Path(f"more_{number}_5R.png") for number in range(50)]
    chosen = balanced(files, 36)
    assert {kind_of(path) for path in chosen} == {f"{count}{hand}" for count in range(6) for hand in "LR"}
    assert len(set(chosen)) == len(chosen) == 36
    assert all(sum(label_of(path) == label for path in chosen) == 6 for label in range(6))
    assert chosen == balanced(files, 36) == sorted(chosen)
    assert balanced(files, 1000) == sorted(files)


@pytest.fixture
def small_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data set of 60 + 24 generated images, where ``$CNN_DATA`` has it."""
    kinds = [f"{count}{hand}" for count in range(6) for hand in "LR"]
    write_images(tmp_path / "fingers/train", np.stack([picture(seed) for seed in range(60)]), kinds * 5, seed=1)
    write_images(tmp_path / "fingers/test", np.stack([picture(seed) for seed in range(100, 124)]), kinds * 2, seed=2)
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    return tmp_path


def test_load_gives_both_parts(small_set: Path) -> None:
    """As for the other data sets: images and labels of training and test set."""
    data.load.cache_clear()
    (x_train, y_train), (x_test, y_test) = data.load("fingers")
    data.load.cache_clear()
    assert (x_train.shape, x_test.shape) == ((60, 128, 128), (24, 128, 128))
    assert np.bincount(y_train).tolist() == [10] * 6
    assert np.bincount(y_test).tolist() == [4] * 6


def test_the_sandbox_shows_no_test_image_and_no_name_of_one(small_set: Path) -> None:
    """Training images under new names, and in place of the test set moved training images."""
    view = sandbox_view(["fingers"])
    assert sorted(path.name for path in view.iterdir()) == ["fingers", "keras.json", "view.json"]
    shown = image_files(view / "fingers/train"), image_files(view / "fingers/test")
    assert [len(files) for files in shown] == [60, 12]
    official = image_files(small_set / "fingers/test")
    assert not {path.name for path in official} & {path.name for files in shown for path in files}
    secret = {image[8:120, 8:120].tobytes() for image in read_images(official)}
    for images in map(read_images, shown):
        for row in range(5, 12):
            for column in range(5, 12):
                assert not secret & {part.tobytes() for part in images[:, row : row + 112, column : column + 112]}
    train = {image.tobytes(): label for image, label in zip(*load_split(small_set / "fingers/train"))}
    assert {image.tobytes(): label for image, label in zip(*load_split(view / "fingers/train"))} == train
    assert {path.stat().st_mode & 0o444 for files in shown for path in files} == {0o444}


def test_a_large_data_set_is_shown_in_part(small_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading it takes each submission its time; the part is balanced, and follows a change of the data."""
    monkeypatch.setattr("data.sandbox.FINGERS_SHOWN", 24)
    view = sandbox_view(["fingers"])
    files = image_files(view / "fingers/train")
    assert sorted(map(kind_of, files)) == sorted([f"{count}{hand}" for count in range(6) for hand in "LR"] * 2)
    before = files[0].stat().st_mtime_ns
    assert image_files(sandbox_view(["fingers"]) / "fingers/train")[0].stat().st_mtime_ns == before
    image_files(small_set / "fingers/train")[0].unlink()
    assert image_files(sandbox_view(["fingers"]) / "fingers/train")[0].stat().st_mtime_ns > before


@pytest.mark.slow
def test_eighteen_thousand_images_fit_in_two_gigabytes(tmp_path: Path) -> None:
    """The whole training set is read within an address space of 2 GB, and needs little more than its own 295 MB."""
    kinds = [f"{count}{hand}" for count in range(6) for hand in "LR"]
    noise = np.random.default_rng(0).integers(30, 60, (18_000 // 12, 12, 128, 128), np.uint8)
    noise[:, :, 30:100, 40:90] += 120
    for number, some in enumerate(noise):
        write_images(tmp_path / "train", some, kinds, seed=number)
    program = f"""
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        from pathlib import Path
        from data.fingers import load_split
        images, labels = load_split(Path({str(tmp_path / "train")!r}))
        # Not ru_maxrss, which counts what the test's own process used before it became this one.
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        print(len(images), images.nbytes >> 20, int(status["VmHWM"].split()[0]) >> 10)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, own, peak = map(int, done.stdout.split())
    assert (count, own) == (18_000, 281)
    assert peak < own + 200
