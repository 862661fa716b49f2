"""Which weights would serve better than the chosen ones at no cost."""

from model.zoo import PoseModel, PoseWeightSet, is_available, load_catalogue

_SAME_TIME = 1.1  # figures of two runs differ by so much where nothing else does


def better_here(model: PoseModel) -> PoseWeightSet | None:
    """The most accurate weight set on this machine that is as fast as a model and more accurate, both as measured.

    Args:
        model: What is chosen.

    Returns:
        None where there is none, or where the model has not been measured.
    """
    if model.measured_ap is None or model.measured_ms is None:
        return None
    better = [
        (other.measured_ap, other)
        for other in load_catalogue().pose
        if other.keypoints == model.keypoints
        and other.measured_ap is not None
        and other.measured_ap > model.measured_ap
        and other.measured_ms is not None
        and other.measured_ms <= _SAME_TIME * model.measured_ms
        and is_available(other)
    ]
    return max(better, key=lambda pair: pair[0])[1] if better else None
