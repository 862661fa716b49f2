"""A weight set's files on this machine, and the network with its weights in it."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import WeightsError
from model.zoo import store
from model.zoo.catalogue import (
    WEIGHTS_FOLDER,
    DetectorWeightSet,
    OwnSet,
    OwnWeightSet,
    PoseModel,
    PoseWeightSet,
    WeightSet,
    load_catalogue,
)
from model.zoo.selection import all_weight_sets, resolve

_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from torch import nn

    from model.zoo.download import Progress


def is_available(weight_set: WeightSet) -> bool:
    """Whether the files are on this machine, by name and size; their content is checked when they are used."""
    return any(True for _ in store.local_folders(weight_set))


def others_here(model: PoseModel) -> list[str]:
    """Names of the weight sets on this machine that are of the same network with as many keypoints, itself left out."""
    return [
        each.name
        for each in all_weight_sets()
        if isinstance(each, PoseWeightSet)
        and (each.network, each.keypoints) == (model.network, model.keypoints)
        and each.name != model.name
        and is_available(each)
    ]


def weight_files(weight_set: WeightSet) -> list[Path]:
    """The files of a weight set on this machine, in the catalogue's order, content checked.

    Raises:
        WeightsError: They are absent or damaged; the message names the command that brings them.
    """
    paths = store.verified_files(weight_set)
    if paths is None:
        there = "not whole" if store.has_any(weight_set) else "not"
        raise WeightsError(f"the weights {weight_set.name} are {there} on this machine; {store.remedy(weight_set)}")
    return paths


def ensure(weight_set: WeightSet, progress: Progress) -> list[Path]:
    """The files of a weight set, fetched first where they are absent or damaged.

    Args:
        weight_set: What to bring.
        progress: Told of every piece that arrives: the file's name, bytes here, bytes in all or None.

    Raises:
        WeightsError: They cannot be had; the message says why and what to do.
    """
    if isinstance(weight_set, OwnSet):
        return weight_files(weight_set)
    with contextlib.suppress(WeightsError):  # damaged files are what a fetch replaces
        if (paths := store.verified_files(weight_set)) is not None:
            return paths
    from model.zoo.fetch import fetch

    return fetch(weight_set, progress)


def resolve_or_random(name: str) -> PoseModel:
    """As `resolve`, but a network's name with no weights on this machine stands for the network with random ones.

    For what does not depend on the weights' values, such as measuring speed. Who names a weight set means that one, so
    only a network's name falls back.

    Returns:
        A PoseWeightSet, or a bare PoseModel, whose weights `load_network` makes up.

    Raises:
        WeightsError: The name stands for nothing.
    """
    catalogue = load_catalogue()
    if name in catalogue.networks and not (name in catalogue.aliases and is_available(resolve(name))):
        return catalogue.bare_network(name)
    return resolve(name)


def load_network(model: PoseModel | DetectorWeightSet, seed: int = 0) -> nn.Module:
    """The network with its weights in it, on the CPU, in eval mode; a bare network gets random ones.

    Args:
        model: From `resolve`, `resolve_or_random` or `resolve_detector`; a detector must be this project's own.
        seed: Of random weights.

    Raises:
        CheckpointError: The files do not fit the network.
        WeightsError: They are absent or damaged.
    """
    if isinstance(model, DetectorWeightSet):
        return _load_detector(model)
    if not isinstance(model, PoseWeightSet):
        return _random_network(model, seed)
    paths = weight_files(model)
    from model.checkpoints import load_checkpoint
    from model.networks import build_network

    left_out = model.left_out if isinstance(model, OwnWeightSet) else ()
    network = build_network(model.network, model.keypoints, **dict.fromkeys(left_out, False))
    load_checkpoint(network, paths[0])
    return network.eval()


def shipped_graph(model: PoseModel | DetectorWeightSet) -> Path | None:
    """The ONNX graph that the project brings for a weight set of its own; None where there is none with these weights.

    Its content is checked.
    """
    if not isinstance(model, WeightSet) or model.graph is None:
        return None
    path = WEIGHTS_FOLDER / model.graph.name
    if not store.is_file(path):
        return None
    if model.graph.of != model.files[0].sha256:
        _log.warning("%s holds former weights and is left aside; export %s into it", path, model.name)
        return None
    wrong = store.damage(model, model.graph, path)
    if wrong is not None:
        _log.warning("%s is damaged and left aside: %s; copy it again", path, wrong)
        return None
    return path


def _load_detector(weights: DetectorWeightSet) -> nn.Module:
    paths = weight_files(weights)
    from model.checkpoints import load_checkpoint
    from model.networks.person_detector import build_detector

    network = build_detector()
    load_checkpoint(network, paths[0])
    return network.eval()


def _random_network(model: PoseModel, seed: int) -> nn.Module:
    import torch

    from model.networks import build_network

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build_network(model.network, model.keypoints).eval()
