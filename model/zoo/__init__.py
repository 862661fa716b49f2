"""Weight sets by name: what there is, where it lies, how it gets here, and the networks made of it.

Importing this imports neither PyTorch nor a network library; the functions that need them do.
"""

from model.zoo.catalogue import (
    CATALOGUE_PATH,
    DetectorWeightSet,
    OwnDetectorWeightSet,
    OwnWeightSet,
    PoseModel,
    PoseWeightSet,
    WeightFile,
    WeightSet,
    load_catalogue,
)
from model.zoo.loading import (
    ensure,
    is_available,
    load_network,
    others_here,
    resolve_or_random,
    shipped_graph,
    weight_files,
)
from model.zoo.selection import (
    all_pose_models,
    all_weight_sets,
    begun_sets,
    own_detectors,
    resolve,
    resolve_any,
    resolve_detector,
)
from model.zoo.store import cache_folder

__all__ = [
    "CATALOGUE_PATH",
    "DetectorWeightSet",
    "OwnDetectorWeightSet",
    "OwnWeightSet",
    "PoseModel",
    "PoseWeightSet",
    "WeightFile",
    "WeightSet",
    "all_pose_models",
    "all_weight_sets",
    "begun_sets",
    "cache_folder",
    "ensure",
    "is_available",
    "load_catalogue",
    "load_network",
    "others_here",
    "own_detectors",
    "resolve",
    "resolve_any",
    "resolve_detector",
    "resolve_or_random",
    "shipped_graph",
    "weight_files",
]
