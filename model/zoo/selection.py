"""From what a user writes after --model and --detector to a weight set."""

import difflib
from pathlib import Path

from model.errors import WeightsError
from model.zoo import store
from model.zoo.catalogue import (
    REFERENCE_KEYPOINTS,
    DetectorWeightSet,
    PoseModel,
    PoseWeightSet,
    WeightSet,
    load_catalogue,
)


def resolve(name: str) -> PoseWeightSet:
    """The weight set of a pose network that a name stands for.

    Args:
        name: A weight set of the catalogue or of the user's own, default, fast, balanced, accurate, or a network.

    Raises:
        WeightsError: The name stands for none.
    """
    catalogue = load_catalogue()
    listed = catalogue.weight_set(catalogue.aliases.get(name, name))
    if isinstance(listed, PoseWeightSet):
        return listed
    if isinstance(listed, DetectorWeightSet):
        raise WeightsError(f"{name} finds people, not their joints; give it as --detector {name}")
    own = store.own_weight_set(name)
    if own is not None:
        return own
    importing = "python main.py weights import FILE --as NAME"
    if name in catalogue.networks:
        raise WeightsError(f"no weights are known for the network {name}; import some: {importing} --network {name}")
    if Path(name).is_file():
        raise WeightsError(f"{name} is a file, not a weight set; import it: {importing.replace('FILE', name)}")
    names = [*catalogue.aliases, *(pose.name for pose in catalogue.pose), *store.own_names()]
    raise WeightsError(f"no weight set is named {name!r}; {_similar(name, names)}python main.py models lists all")


def resolve_detector(name: str) -> DetectorWeightSet:
    """The weight set of a person detector that a name stands for.

    Args:
        name: A detector of the catalogue, or default.

    Raises:
        WeightsError: The name stands for none.
    """
    catalogue = load_catalogue()
    listed = catalogue.weight_set(catalogue.detector_aliases.get(name, name))
    if isinstance(listed, DetectorWeightSet):
        return listed
    names = [*catalogue.detector_aliases, *(detector.name for detector in catalogue.detectors)]
    raise WeightsError(f"no detector is named {name!r}; {_similar(name, names)}choose one of {', '.join(names)}")


def resolve_any(name: str) -> WeightSet:
    """The weight set of this name, be it for poses or a detector; aliases stand for pose networks.

    Raises:
        WeightsError: The name stands for none.
    """
    listed = load_catalogue().weight_set(name)
    return listed if listed is not None else resolve(name)


def all_weight_sets() -> list[WeightSet]:
    """Every weight set: the catalogue's, then the user's own in order of name.

    Raises:
        WeightsError: The description of one of the user's own is malformed.
    """
    catalogue = load_catalogue()
    own = [weight_set for name in store.own_names() if (weight_set := store.own_weight_set(name)) is not None]
    return [*catalogue.pose, *catalogue.detectors, *own]


def all_pose_models() -> list[PoseModel]:
    """What `models` lists: every pose weight set, and every network that none with 17 keypoints is of."""
    sets: list[PoseModel] = [weight_set for weight_set in all_weight_sets() if isinstance(weight_set, PoseWeightSet)]
    covered = {pose.network for pose in sets if pose.keypoints == REFERENCE_KEYPOINTS}
    catalogue = load_catalogue()
    return [*sets, *(catalogue.bare_network(name) for name in catalogue.networks if name not in covered)]


def _similar(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]}? " if close else ""
