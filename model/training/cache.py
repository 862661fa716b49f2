"""Pictures decoded once and mapped into memory.

Decoding costs more than a small network's whole training step. Each data set's pictures are therefore decoded once into
one flat file of pixels, from which any part of any picture is read without a copy; the operating system keeps in memory
what is in use. Whole pictures are kept rather than crops: training and inference then cut from the same pixels, by the
same affine map, whatever the augmentation.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from filelock import FileLock

from model.arrays import IntArray, UInt8Array
from model.errors import DatasetError
from model.training.pictures import read_labelled

_CHANNELS = 3
_AHEAD = 2  # pictures of each thread that decodes


class PictureCache:
    """M decoded pictures, (H, W, 3) uint8 BGR each, read-only.

    Args:
        path: File of all pictures' pixels one after another.
        sizes: (M, 2) width, height.
    """

    def __init__(self, path: Path, sizes: IntArray) -> None:
        self._path, self._sizes = path, sizes
        self._offsets = _offsets(sizes)
        self._pixels = np.memmap(path, np.uint8, "r")

    def __reduce__(self) -> tuple[type["PictureCache"], tuple[Path, IntArray]]:
        # A worker process maps the file itself; by default the pixels would travel.
        return PictureCache, (self._path, self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, index: int) -> UInt8Array:
        width, height = self._sizes[index]
        flat = self._pixels[self._offsets[index] : self._offsets[index + 1]]
        return flat.reshape(height, width, _CHANNELS)


def open_cache(
    pictures: tuple[Path, ...],
    sizes: IntArray,
    folder: Path,
    workers: int,
    progress: Callable[[int, int], None] | None = None,
) -> PictureCache:
    """Open the cache of a data set, decoding its pictures first where that has not been done.

    Args:
        pictures: M picture files.
        sizes: (M, 2) width, height that the annotations state.
        folder: Where caches live; a changed picture or list of pictures gives another file in it.
        workers: Threads that decode.
        progress: Called with pictures decoded and their number.

    Raises:
        DatasetError: A picture is missing, unreadable or of another size than stated, or the cache cannot be written.
    """
    path = folder / f"{_digest(pictures, sizes)}.pixels"
    if not path.is_file():
        _build(path, pictures, sizes, workers, progress)
    return PictureCache(path, sizes)


def _offsets(sizes: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(sizes.prod(axis=1) * _CHANNELS)])


def _digest(pictures: tuple[Path, ...], sizes: IntArray) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(sizes).tobytes())
    for picture in pictures:
        try:
            status = picture.stat()
        except OSError as error:
            raise DatasetError(f"cannot read picture {picture}: {error.strerror}; check the images folder") from error
        digest.update(f"{picture.resolve()}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _build(
    path: Path,
    pictures: tuple[Path, ...],
    sizes: IntArray,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    def decode(index: int) -> UInt8Array:
        width, height = sizes[index]
        return read_labelled(pictures[index], height, width)

    # Written under another name and renamed, so that an interrupted build is never taken for a whole one; under one
    # name, so that what a killed build has left, which may be tens of gigabytes, is written over by the next.
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            if path.is_file():
                return  # another run has built it meanwhile
            try:
                with partial.open("wb") as file, ThreadPoolExecutor(workers) as pool:
                    images = _in_order(pool, decode, len(pictures), _AHEAD * workers)
                    for done, image in enumerate(images, start=1):
                        file.write(image.data)
                        if progress is not None:
                            progress(done, len(pictures))
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(f"cannot write the picture cache {path}: {error.strerror}; set another folder") from error


def _in_order(
    pool: ThreadPoolExecutor, decode: Callable[[int], UInt8Array], count: int, most: int
) -> Iterator[UInt8Array]:
    """What threads make of 0 to `count` - 1; at most `most` are begun or wait to be written, for memory is limited."""
    begun: deque[Future[UInt8Array]] = deque()
    for index in range(count):
        if len(begun) == most:
            yield begun.popleft().result()
        begun.append(pool.submit(decode, index))
    while begun:
        yield begun.popleft().result()
