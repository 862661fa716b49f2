import pickle
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.arrays import UInt8Array
from model.errors import DatasetError
from model.training.cache import open_cache


def write(path: Path, seed: int, height: int = 7, width: int = 5) -> UInt8Array:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    cv2.imencode(path.suffix, image)[1].tofile(path)
    return image


def test_pictures_come_back_as_they_were(tmp_path: Path) -> None:
    paths = (tmp_path / "하나.png", tmp_path / "two.png")
    images = [write(paths[0], 0), write(paths[1], 1, 4, 9)]
    sizes = np.array([[5, 7], [9, 4]])
    seen: list[tuple[int, int]] = []
    cache = open_cache(paths, sizes, tmp_path / "cache", 2, lambda done, total: seen.append((done, total)))
    assert len(cache) == 2
    for index, image in enumerate(images):
        np.testing.assert_array_equal(cache[index], image)
    assert seen == [(1, 2), (2, 2)]
    again = open_cache(paths, sizes, tmp_path / "cache", 2, lambda done, total: pytest.fail("decoded twice"))
    np.testing.assert_array_equal(again[1], images[1])
    copied = pickle.loads(pickle.dumps(again))
    np.testing.assert_array_equal(copied[1], images[1])


def test_a_pickled_cache_carries_no_pixels(tmp_path: Path) -> None:
    write(tmp_path / "a.png", 0, 200, 300)
    cache = open_cache((tmp_path / "a.png",), np.array([[300, 200]]), tmp_path / "cache", 1)
    assert len(pickle.dumps(cache)) < 2000


def test_a_slow_disk_does_not_fill_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[Path] = []
    image = np.zeros((7, 5, 3), np.uint8)
    monkeypatch.setattr("model.training.cache.read_labelled", lambda path, height, width: decoded.append(path) or image)
    paths = tuple(tmp_path / f"{number}.png" for number in range(60))
    for path in paths:
        path.touch()
    ahead: list[int] = []

    def slow(done: int, total: int) -> None:
        time.sleep(0.001)
        ahead.append(len(decoded) - done)

    open_cache(paths, np.array([[5, 7]] * 60), tmp_path / "cache", 2, slow)
    assert len(decoded) == 60
    assert max(ahead) <= 4


def test_a_changed_picture_is_decoded_again(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write(path, 0)
    sizes = np.array([[5, 7]])
    open_cache((path,), sizes, tmp_path / "cache", 1)
    path.unlink()
    image = write(path, 1)
    np.testing.assert_array_equal(open_cache((path,), sizes, tmp_path / "cache", 1)[0], image)


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot read picture"), (b"", "cannot decode"), (b"text", "cannot decode")]
)
def test_a_bad_picture_is_told_and_leaves_no_cache(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        open_cache((path,), np.array([[5, 7]]), tmp_path / "cache", 1)
    assert not list(tmp_path.glob("cache/*.p*"))


def test_what_a_killed_build_has_left_is_written_over(tmp_path: Path) -> None:
    path, sizes = tmp_path / "a.png", np.array([[5, 7]])
    image = write(path, 0)
    open_cache((path,), sizes, tmp_path / "cache", 1)
    (built,) = tmp_path.glob("cache/*.pixels")
    built.rename(built.with_name(f"{built.name}.partial"))
    np.testing.assert_array_equal(open_cache((path,), sizes, tmp_path / "cache", 1)[0], image)
    assert not list(tmp_path.glob("cache/*.partial"))


def test_a_folder_in_place_of_a_picture_is_not_mistaken_for_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(DatasetError, match=r"cannot read picture .*a\.png"):
        open_cache((tmp_path / "a.png",), np.array([[5, 7]]), tmp_path / "cache", 1)


def test_a_picture_of_another_size_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.png", 0)
    with pytest.raises(DatasetError, match="5x7 where its annotations say 7x5"):
        open_cache((tmp_path / "a.png",), np.array([[7, 5]]), tmp_path / "cache", 1)
