"""Taking weight files that the user has: those of a catalogue entry, or weights under a name of the user's own."""

import logging
import re
import shutil
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from torch import Tensor

from model.checkpoints import (
    checkpoint_files,
    identify_network,
    left_out_weights,
    load_checkpoint,
    load_state,
    read_checkpoint,
    read_metadata,
    safetensors_file,
)
from model.complexity import count_macs, count_parameters
from model.decoding import Decoding
from model.detection import LONG_SIDE
from model.errors import CheckpointError, WeightsError
from model.input_size import InputSize
from model.networks import NETWORK_NAMES, PERSON_DETECTOR, build_network
from model.networks.person_detector import build_detector
from model.skeletons import skeleton_of
from model.zoo import store
from model.zoo.catalogue import (
    REFERENCE_KEYPOINTS,
    OwnDetectorWeightSet,
    OwnSet,
    OwnWeightSet,
    PoseWeightSet,
    WeightFile,
    WeightSet,
    load_catalogue,
)
from model.zoo.fetch import LOCK_SUFFIX, put_in_place, writing_to_set

NAME_PATTERN = re.compile(r"\w[\w.-]{0,62}\w|\w")
WINDOWS_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)([.].*)?")
_log = logging.getLogger(__name__)
_DETECTORS_MARK = "heads.0.score.weight"  # a tensor that no pose network has


@dataclass(frozen=True)
class Description:
    """What the user says of a weight file; None where the file, the catalogue or a usual value is to decide."""

    network: str | None = None
    keypoints: int | None = None
    input_size: InputSize | None = None
    decoding: Decoding | None = None


def import_weights(path: Path, name: str, description: Description) -> WeightSet:
    """Copy a weight file, with its partner where it has one, into the cache folder as the weight set `name`.

    Args:
        path: The file; of an ncnn or OpenVINO pair either one.
        name: A name of the catalogue, or any other for a weight set of the user's own.
        description: For a weight set of the user's own.

    Raises:
        CheckpointError: The file cannot be read or does not fit the network.
        WeightsError: The name will not do, a hash is not the expected one, or the copy cannot be stored.
    """
    if path.is_dir():
        raise WeightsError(f"cannot import {path}: it is a folder; name the weight file in it")
    if not store.is_file(path):
        raise WeightsError(f"cannot import {path}: there is no such file; check the path")
    listed = load_catalogue().weight_set(name)
    if listed is None:
        return _import_own(path, _checked_name(name), description)
    given = next((field.name for field in fields(description) if getattr(description, field.name) is not None), None)
    if given is not None:
        option = given.replace("_", "-")
        raise WeightsError(f"{name} is described by the catalogue; leave --{option} out, or choose another name")
    return _import_listed(path, listed)


def _import_listed(path: Path, weight_set: WeightSet) -> WeightSet:
    sources = {file: _source(path, file, weight_set) for file in weight_set.files}
    for file, source in sources.items():
        wrong = store.damage(weight_set, file, source)
        if wrong is not None:
            raise WeightsError(
                f"{source} is not the {file.name} of {weight_set.name}: {wrong}; "
                "to import weights of your own, choose another name"
            )
    if isinstance(weight_set, PoseWeightSet):
        load_checkpoint(build_network(weight_set.network, weight_set.keypoints), path)
    with writing_to_set(weight_set.name) as folder:
        put_in_place(weight_set, _copies(sources, folder))
    return weight_set


class _Given(NamedTuple):
    """A weight file, and the state dict in it."""

    path: Path
    state: dict[str, Tensor]


def _import_own(path: Path, name: str, description: Description) -> OwnSet:
    file = _Given(path, read_checkpoint(path))
    describe = _described_detector if _DETECTORS_MARK in file.state else _described_pose
    sources = {
        WeightFile(name=f"{name}{source.suffix}", size=source.stat().st_size, sha256=store.sha256_of(source)): source
        for source in checkpoint_files(path)
    }
    common = {"name": name, "origin": f"imported from {path.name}", "licence": "not stated", "files": tuple(sources)}
    weight_set = describe(file, description, common)
    with writing_to_set(name) as folder:
        copies = _copies(sources, folder)
        _clear(folder)
        put_in_place(weight_set, copies)
        text = yaml.safe_dump(
            weight_set.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True
        )
        partial = folder / f"{store.OWN_DESCRIPTION}.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(folder / store.OWN_DESCRIPTION)
    return weight_set


def _described_detector(file: _Given, description: Description, common: dict[str, Any]) -> OwnDetectorWeightSet:
    given = next((what for what in ("keypoints", "decoding") if getattr(description, what) is not None), None)
    if given is not None or description.network not in (None, PERSON_DETECTOR):
        raise WeightsError(f"{file.path} is a person detector; leave --{given or 'network'} out")
    load_state(build_detector(), file.state, file.path)
    input_size = description.input_size or _stated_input_size(file.path) or InputSize(LONG_SIDE, LONG_SIDE)
    return OwnDetectorWeightSet(**common, network=PERSON_DETECTOR, input_size=input_size)


def _described_pose(file: _Given, description: Description, common: dict[str, Any]) -> OwnWeightSet:
    name, keypoints = _network_of(file, description)
    left_out = left_out_weights(file.state, name)
    network = build_network(name, keypoints, **dict.fromkeys(left_out, False))
    load_state(network, file.state, file.path)
    input_size = description.input_size or _stated_input_size(file.path) or _listed_input_size(common["files"])
    if input_size is None:  # a guess, which costs most of the accuracy where it is wrong
        input_size = load_catalogue().networks[name].input_size
        _log.info(
            "note: %s does not state the size of its network's input; %s is assumed: if it is another, import it again "
            "with --input-size",
            file.path,
            input_size,
        )
    return OwnWeightSet(
        **common,
        network=name,
        keypoints=keypoints,
        input_size=input_size,
        decoding=description.decoding or "dark",
        left_out=left_out,
        parameters=count_parameters(network),
        macs=count_macs(network, input_size),
    )


def _network_of(file: _Given, description: Description) -> tuple[str, int]:
    """The network's name and its number of keypoints, told by the file where the description has gaps."""
    path = file.path
    network, keypoints = description.network, description.keypoints
    if network is None or keypoints is None:
        found = identify_network(file.state)
        if found is None and network is None:
            raise CheckpointError(f"cannot import {path}: it fits none of the networks {', '.join(NETWORK_NAMES)}")
        likely_network, likely_keypoints = found or (network, REFERENCE_KEYPOINTS)
        network, keypoints = network or likely_network, keypoints or likely_keypoints
    known = load_catalogue().networks
    if network not in known:
        raise WeightsError(f"no network is named {network!r}; choose one of {', '.join(known)}")
    try:
        skeleton_of(keypoints)
    except ValueError as error:
        remedy = "give weights for one of these" if description.keypoints is None else "correct --keypoints"
        raise WeightsError(f"cannot import {path}: {error}; {remedy}") from error
    return network, keypoints


def _stated_input_size(path: Path) -> InputSize | None:
    """The input size that a file of ours states."""
    with path.open("rb") as file:
        ours = safetensors_file.recognises(file.read(16))
    stated = read_metadata(path).get("input_size") if ours else None
    try:
        return None if stated is None else InputSize.parse(stated)
    except ValueError as error:
        raise CheckpointError(f"{path} states a wrong input size: {error}; give --input-size") from error


def _listed_input_size(files: Iterable[WeightFile]) -> InputSize | None:
    """The input size of the catalogue's set with these very files; None where it lists none, or several sizes."""
    hashes = [file.sha256 or "" for file in files]
    sizes = {
        pose.input_size
        for pose in load_catalogue().pose
        if all(file.sha256 and any(found.startswith(file.sha256) for found in hashes) for file in pose.files)
    }
    return sizes.pop() if len(sizes) == 1 else None


_WITHOUT_WEIGHTS = {"whole-frame"}
"""Detectors that no catalogue lists."""


def _checked_name(name: str) -> str:
    """The name in its one spelling.

    Raises:
        WeightsError: It cannot be a folder's name on every system, or stands for something else already.
    """
    name = unicodedata.normalize("NFC", name)
    if (
        not NAME_PATTERN.fullmatch(name)
        or WINDOWS_DEVICES.fullmatch(name.casefold())
        or name.casefold().endswith(LOCK_SUFFIX)
    ):
        raise WeightsError(
            f"{name!r} cannot name a weight set; use up to 64 letters and digits, with '-', '_' or '.' between them"
        )
    catalogue = load_catalogue()
    listed = {weight_set.name for weight_set in (*catalogue.pose, *catalogue.detectors)}
    taken = (
        _WITHOUT_WEIGHTS | listed | set(catalogue.aliases) | set(catalogue.detector_aliases) | set(catalogue.networks)
    )
    # Folder names differ by more than case on Windows and macOS.
    taken |= {own for own in store.own_names() if own != name}
    clash = next((other for other in sorted(taken) if other.casefold() == name.casefold()), None)
    if clash is not None:
        raise WeightsError(f"the name {clash} is taken; choose another with --as")
    return name


def _source(path: Path, file: WeightFile, weight_set: WeightSet) -> Path:
    """The file that the user means by `path`, or its partner beside it, for one file of a weight set."""
    suffix = Path(file.name).suffix
    if len(weight_set.files) == 1 or path.suffix == suffix:
        return path
    suffixes = [Path(other.name).suffix for other in weight_set.files]
    if path.suffix not in suffixes:
        raise WeightsError(f"{weight_set.name} is a pair of {' and '.join(suffixes)} files; {path} is neither")
    partner = path.with_suffix(suffix)
    if not partner.is_file():
        raise WeightsError(f"{weight_set.name} is a pair of files, and {partner} is missing; put it beside {path.name}")
    return partner


def _copies(sources: dict[WeightFile, Path], folder: Path) -> dict[WeightFile, Path]:
    copies = {file: folder / f"{file.name}.partial" for file in sources}
    for file, source in sources.items():
        shutil.copyfile(source, copies[file])
    return copies


def _clear(folder: Path) -> None:
    """Remove what was imported under this name before; the description first, without which the rest is nothing."""
    (folder / store.OWN_DESCRIPTION).unlink(missing_ok=True)
    for old in folder.iterdir():
        if old.suffix != ".partial":
            old.unlink()
