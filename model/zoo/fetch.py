"""Fetching a weight set into the cache folder: from the mirror folder, else from where it is published."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from model.errors import WeightsError
from model.zoo import store
from model.zoo.catalogue import FULL_HASH_DIGITS, WeightFile, WeightSet
from model.zoo.download import Progress, download

MIRROR_VARIABLE = "LITE_HRNET_LIVE_MIRROR"
LOCK_SUFFIX = ".lock"  # of the file beside a set's folder; no set may be named so


def fetch(weight_set: WeightSet, progress: Progress) -> list[Path]:
    """Bring the files of a weight set into the cache folder, unless they are on this machine already.

    Each file is filled under another name, and no file takes its own before the hashes of all are right. Several
    processes may fetch the same set at once: one does, the others wait for it.

    Args:
        weight_set: A weight set of the catalogue.
        progress: Told of every piece that arrives.

    Returns:
        The files, in the catalogue's order, content checked.

    Raises:
        WeightsError: A file is nowhere to be had, has another hash than expected, or cannot be stored.
    """
    with writing_to_set(weight_set.name) as folder:
        with contextlib.suppress(WeightsError):  # damaged files are what a fetch replaces
            if (paths := store.verified_files(weight_set)) is not None:
                return paths
        arrived = {file: _bring(weight_set, file, folder, progress) for file in weight_set.files}
        return put_in_place(weight_set, arrived)


@contextlib.contextmanager
def writing_to_set(name: str) -> Iterator[Path]:
    """The cache folder of a weight set, made if need be, for one process at a time.

    Raises:
        WeightsError: The folder cannot be made or written to.
    """
    folder = store.set_folder(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{name}{LOCK_SUFFIX}")):
            yield folder
    except OSError as error:
        place = error.filename or folder
        raise WeightsError(
            f"cannot write {place}: {error.strerror or error}; make room or permit it, "
            f"or name another folder in {store.CACHE_VARIABLE}"
        ) from error


def put_in_place(weight_set: WeightSet, arrived: dict[WeightFile, Path]) -> list[Path]:
    """Check the files that have arrived, and only then give all of them their names.

    Raises:
        WeightsError: One has another hash than expected; that one is removed.
    """
    for file, partial in arrived.items():
        wrong = store.damage(weight_set, file, partial)
        if wrong is not None:
            partial.unlink()
            raise WeightsError(
                f"{file.name} is not what {weight_set.name} needs: {wrong}; it was removed, fetch it again"
            )
    for file, partial in arrived.items():
        store.record_hash(weight_set, file, store.sha256_of(partial))
        partial.replace(partial.with_name(file.name))
    return [partial.with_name(file.name) for file, partial in arrived.items()]


def _bring(weight_set: WeightSet, file: WeightFile, folder: Path, progress: Progress) -> Path:
    """The file's content under a provisional name; a whole one of an earlier attempt is used as it is."""
    partial = folder / f"{file.name}.partial"
    if partial.is_file() and file.sha256 is not None and store.damage(weight_set, file, partial) is None:
        return partial
    mirrored = _in_mirror(weight_set, file)
    if mirrored is not None:
        shutil.copyfile(mirrored, partial)
        size = partial.stat().st_size
        progress(file.name, size, size)
        return partial
    instead = f"python main.py weights import FILE --as {weight_set.name}"
    if file.url is None:
        raise WeightsError(f"no address is known for {file.name}; if you have the file, import it: {instead}")
    try:
        download(file.url, partial, file.name, progress)
    except WeightsError as error:
        raise WeightsError(f"{error}; try again, or download {file.url} elsewhere and import it: {instead}") from error
    return partial


def mirror_folder() -> Path | None:
    """The folder that LITE_HRNET_LIVE_MIRROR names, which is searched before anything is downloaded.

    Raises:
        WeightsError: It names something that is no folder.
    """
    mirror = store.folder_of(MIRROR_VARIABLE)
    if mirror is not None and not mirror.is_dir():
        raise WeightsError(f"{MIRROR_VARIABLE} names {mirror}, which is no folder; correct or unset it")
    return mirror


def _in_mirror(weight_set: WeightSet, file: WeightFile) -> Path | None:
    """A file with the right hash anywhere in the mirror folder; only files of its name or size are read.

    Raises:
        WeightsError: As of `mirror_folder`.
    """
    mirror = mirror_folder()
    if mirror is None:
        return None
    expected = store.expected_hash(weight_set, file)
    if expected is None:
        return None
    # The first digits alone do not tell apart files of any name.
    whole = len(expected) == FULL_HASH_DIGITS
    for parent, _, names in os.walk(mirror):
        for path in (Path(parent) / name for name in sorted(names)):
            with contextlib.suppress(OSError):  # a file that cannot be read is no candidate
                alike = path.name == file.name or (whole and file.size == path.stat().st_size)
                if alike and store.sha256_of(path).startswith(expected):
                    return path
    return None
