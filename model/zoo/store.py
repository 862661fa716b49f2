"""Where weight files lie on this machine, and whether they are what they should be.

Shipped files lie in the project's weights/ folder; fetched and imported ones in the cache folder, each weight set in a
folder of its own: CACHE/weights/NAME/.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import yaml
from pydantic import ValidationError

from model.errors import WeightsError
from model.zoo.catalogue import (
    FULL_HASH_DIGITS,
    WEIGHTS_FOLDER,
    OwnDetectorWeightSet,
    OwnSet,
    OwnWeightSet,
    WeightFile,
    WeightSet,
    first_problem,
)

CACHE_VARIABLE = "LITE_HRNET_LIVE_CACHE"
APP_NAME = "lite-hrnet-live"
OWN_DESCRIPTION = "weight-set.yaml"


def cache_folder() -> Path:
    """The folder for what can be had again: the platform's, or the one that LITE_HRNET_LIVE_CACHE names.

    Raises:
        WeightsError: As of `folder_of`.
    """
    chosen = folder_of(CACHE_VARIABLE)
    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False)) if chosen is None else chosen


def folder_of(variable: str) -> Path | None:
    """The folder that an environment variable names, which may not be there; None where it names none.

    Raises:
        WeightsError: It begins with ~ and there is no such home.
    """
    named = os.environ.get(variable)
    try:
        return Path(named).expanduser() if named else None
    except RuntimeError as error:
        raise WeightsError(f"{variable} names {named}, and there is no such home; correct or unset it") from error


def set_folder(name: str) -> Path:
    """The folder in the cache for the weight set of this name; it need not exist."""
    return cache_folder() / "weights" / name


def sha256_of(path: Path) -> str:
    """The file's SHA-256 as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def expected_hash(weight_set: WeightSet, file: WeightFile) -> str | None:
    """The hash that a file is held to: the catalogue's, or where that is not whole, the first fetch's."""
    record = _record_path(weight_set, file)
    if (file.sha256 is None or len(file.sha256) < FULL_HASH_DIGITS) and record.is_file():
        return record.read_text(encoding="ascii").strip()
    return file.sha256


def record_hash(weight_set: WeightSet, file: WeightFile, digest: str) -> None:
    """Keep the hash of a file whose whole hash the catalogue does not know, so that later copies are held to it."""
    if expected_hash(weight_set, file) != digest:
        _record_path(weight_set, file).write_text(digest + "\n", encoding="ascii")


def damage(weight_set: WeightSet, file: WeightFile, path: Path) -> str | None:
    """What is wrong with a file's content, or None where it is as expected.

    Raises:
        WeightsError: The file cannot be read.
    """
    try:
        expected, actual = expected_hash(weight_set, file), sha256_of(path)
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    if expected is not None and not actual.startswith(expected):
        return f"its sha256 is {actual[: len(expected)]}, expected {expected}"
    # Without a known hash, the page of a portal or proxy would be kept for the file, and its hash for the file's.
    if file.name.endswith(".tflite") and not _begins_as_tflite(path):
        return "it is no TensorFlow Lite model"
    return None


def _begins_as_tflite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8)[4:] == b"TFL3"


def local_folders(weight_set: WeightSet) -> Iterator[Path]:
    """Folders that hold all files of a weight set, by name and, where known, size; weights/ before the cache."""
    for folder in (WEIGHTS_FOLDER, set_folder(weight_set.name)):
        if all(is_file(folder / file.name, file.size) for file in weight_set.files):
            yield folder


def has_any(weight_set: WeightSet) -> bool:
    """Whether there is any file of a weight set, whatever is in it."""
    folders = (WEIGHTS_FOLDER, set_folder(weight_set.name))
    return any((folder / file.name).exists() for folder in folders for file in weight_set.files)


def verified_files(weight_set: WeightSet) -> list[Path] | None:
    """The files of a weight set in the catalogue's order, content checked; None where they are not on this machine.

    Raises:
        WeightsError: All copies are damaged; the message names the first file that is, and what was expected.
    """
    problem: str | None = None
    for folder in local_folders(weight_set):
        paths = [folder / file.name for file in weight_set.files]
        wrongs = [damage(weight_set, file, path) for file, path in zip(weight_set.files, paths, strict=True)]
        if not any(wrongs):
            return paths
        path, wrong = next((path, wrong) for path, wrong in zip(paths, wrongs, strict=True) if wrong)
        problem = problem or f"{path} is damaged: {wrong}"
    if problem is not None:
        raise WeightsError(f"{problem}; {remedy(weight_set)}")
    return None


def remedy(weight_set: WeightSet) -> str:
    """How to get the files of a weight set."""
    name = weight_set.name
    if isinstance(weight_set, OwnSet):
        return f"import it again: python main.py weights import FILE --as {name}"
    return f"fetch it: python main.py weights fetch {name}"


def own_weight_set(name: str) -> OwnSet | None:
    """The weight set that the user imported under this name, or None.

    Raises:
        WeightsError: Its description is unreadable or malformed.
    """
    if name not in own_names():  # rather than a path made of whatever a user wrote
        return None
    path = set_folder(name) / OWN_DESCRIPTION
    advice = f"import it again: python main.py weights import FILE --as {name}, or delete {path.parent}"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        of_poses = isinstance(content, dict) and "keypoints" in content
        return (OwnWeightSet if of_poses else OwnDetectorWeightSet).model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise WeightsError(f"cannot read {path}: {error}; {advice}") from error
    except ValidationError as error:
        raise WeightsError(f"{path} is malformed: {first_problem(error)}; {advice}") from error


def own_names() -> list[str]:
    """Names of the weight sets that the user imported."""
    return sorted(path.parent.name for path in (cache_folder() / "weights").glob(f"*/{OWN_DESCRIPTION}"))


def is_file(path: Path, size: int | None = None) -> bool:
    """Whether there is such a file, of a size where one is given, that this user can reach."""
    try:
        return path.is_file() and (size is None or path.stat().st_size == size)
    except OSError:
        return False  # in a folder that this user may not enter, or of a name that no file can have


def _record_path(weight_set: WeightSet, file: WeightFile) -> Path:
    return set_folder(weight_set.name) / f"{file.name}.sha256"
