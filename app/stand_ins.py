"""What runs in the place of weights that are not on this machine: those that come along with the program."""

from collections.abc import Collection

from app.settings import Settings
from model.zoo import DetectorWeightSet, WeightSet, resolve, resolve_detector

BUILT_IN = "built-in"
"""Stands for the weights that come along, of pose networks and of detectors."""


def with_built_in(settings: Settings, missing: Collection[WeightSet]) -> Settings:
    """Settings with the weights that come along in the place of missing ones.

    Args:
        settings: What was chosen.
        missing: Weight sets of the choice that are not here; what is not among them stays.
    """
    pose, detection = settings.pose, settings.detection
    for weight_set in missing:
        if isinstance(weight_set, DetectorWeightSet):
            detection = detection.model_copy(update={"detector": resolve_detector(BUILT_IN).name})
        else:
            pose = pose.model_copy(update={"model": resolve(BUILT_IN).name})
    return settings.model_copy(update={"pose": pose, "detection": detection})
