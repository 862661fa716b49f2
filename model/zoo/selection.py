"""From what a user writes after --model and --detector to a weight set."""

import difflib
import logging
from pathlib import Path

from model.errors import WeightsError
from model.zoo import store
from model.zoo.catalogue import (
    REFERENCE_KEYPOINTS,
    DetectorWeightSet,
    OwnDetectorWeightSet,
    OwnSet,
    PoseModel,
    PoseWeightSet,
    WeightSet,
    load_catalogue,
)

_LOGGER = logging.getLogger(__name__)
_IMPORTING = "python main.py weights import FILE --as NAME"


def resolve(name: str) -> PoseWeightSet:
    """The weight set of a pose network that a name stands for.

    Args:
        name: A weight set of the catalogue or of the user's own, default, fast, balanced, accurate, or a network.

    Raises:
        WeightsError: The name stands for none.
    """
    catalogue = load_catalogue()
    found = catalogue.weight_set(catalogue.aliases.get(name, name)) or store.own_weight_set(name)
    if isinstance(found, DetectorWeightSet):
        raise WeightsError(f"{name} finds people, not their joints; give it as --detector {name}")
    if isinstance(found, PoseWeightSet):
        return found
    if name in catalogue.networks:
        raise WeightsError(f"no weights are known for the network {name}; import some: {_IMPORTING} --network {name}")
    names = [*catalogue.aliases, *(pose.name for pose in catalogue.pose), *store.own_names()]
    raise _unknown(name, names, "python main.py models lists all")


def resolve_detector(name: str) -> DetectorWeightSet:
    """The weight set of a person detector that a name stands for.

    Args:
        name: A detector of the catalogue or of the user's own, or default.

    Raises:
        WeightsError: The name stands for none.
    """
    catalogue = load_catalogue()
    found = catalogue.weight_set(catalogue.detector_aliases.get(name, name)) or store.own_weight_set(name)
    if isinstance(found, DetectorWeightSet):
        return found
    detectors = (*catalogue.detectors, *own_detectors())
    names = [*catalogue.detector_aliases, *(detector.name for detector in detectors)]
    raise WeightsError(f"no detector is named {name!r}; {_similar(name, names)}choose one of {', '.join(names)}")


def resolve_any(name: str) -> WeightSet:
    """The weight set of this name, be it for poses or a detector; aliases stand for pose networks.

    Raises:
        WeightsError: The name stands for none.
    """
    catalogue = load_catalogue()
    found = catalogue.weight_set(name) or store.own_weight_set(name)
    if found is not None:
        return found
    if name in catalogue.aliases or name in catalogue.networks:
        return resolve(name)
    names = [*catalogue.aliases, *(weight_set.name for weight_set in all_weight_sets())]
    raise _unknown(name, names, "python main.py weights list shows all")


def own_detectors() -> list[OwnDetectorWeightSet]:
    """The detectors that the user imported, in order of name."""
    return [each for each in _own_sets() if isinstance(each, OwnDetectorWeightSet)]


def all_weight_sets() -> list[WeightSet]:
    """Every weight set: the catalogue's, then the user's own in order of name."""
    catalogue = load_catalogue()
    return [*catalogue.pose, *catalogue.detectors, *_own_sets()]


def begun_sets() -> list[str]:
    """Names of the weight sets of which this machine has anything, be it whole or not: the user's own last."""
    catalogue = load_catalogue()
    listed = [*catalogue.pose, *catalogue.detectors]
    return [each.name for each in listed if store.has_any(each)] + store.own_names()


def all_pose_models() -> list[PoseModel]:
    """What `models` lists: every pose weight set, and every network that none with 17 keypoints is of."""
    sets: list[PoseModel] = [weight_set for weight_set in all_weight_sets() if isinstance(weight_set, PoseWeightSet)]
    covered = {pose.network for pose in sets if pose.keypoints == REFERENCE_KEYPOINTS}
    catalogue = load_catalogue()
    return [*sets, *(catalogue.bare_network(name) for name in catalogue.networks if name not in covered)]


def _own_sets() -> list[OwnSet]:
    """The user's own sets; one that cannot be read, as of a newer version, is told and left out."""
    sets = []
    for name in store.own_names():
        try:
            sets.append(store.own_weight_set(name))
        except WeightsError as error:
            _LOGGER.warning("warning: %s", error)
    return [each for each in sets if each is not None]


def _unknown(name: str, names: list[str], advice: str) -> WeightsError:
    """The error of a name that stands for nothing, where `names` do and `advice` tells where they are listed."""
    if store.is_file(Path(name)):
        return WeightsError(f"{name} is a file, not a weight set; import it: {_IMPORTING.replace('FILE', name)}")
    return WeightsError(f"no weight set is named {name!r}; {_similar(name, names)}{advice}")


def _similar(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]}? " if close else ""
