"""The measurements, pictures and weights that a run leaves at regular distances."""

from collections.abc import Callable
from copy import deepcopy
from typing import NamedTuple, cast

import numpy as np
from torch import nn

from model.arrays import UInt8Array
from model.engines.torch_engine import TorchEngine
from model.estimator import PoseEstimator
from model.input_size import InputSize
from model.skeletons import Skeleton, skeleton_of
from model.training.batches import Batch, LabelledSet, batches
from model.training.config import Augmentation, DataSet, Phase, TrainingConfig
from model.training.evaluate import evaluate_pckh, evaluate_poses
from model.training.labelled_pictures import check_files, count_people, read_pictures
from model.training.mpii import read_evaluated
from model.training.mpii_files import is_mpii
from model.training.predictions import draw_predictions
from model.training.runfolder import RunFolder
from model.training.scalars import Scalars

_SHOWN = 16  # people in a picture of predictions


class Measure(NamedTuple):
    """`metrics` of an estimator on a validation set, in labelled boxes and without flip test; `first` decides.

    AP is COCO's, PCKh MPII's.
    """

    first: str
    metrics: Callable[[PoseEstimator], dict[str, float]]


class Validator:
    """Measures a run's averaged weights on its validation set.

    Args:
        config: The run's.
        folder: Where metrics, pictures and weights go.
        device: Where the network runs.

    Raises:
        DatasetError: The validation set is absent or malformed, or labels nobody's keypoints.
    """

    def __init__(self, config: TrainingConfig, folder: RunFolder, device: str) -> None:
        self._config, self._folder, self._device = config, folder, device
        self._skeleton = skeleton_of(config.keypoints)
        self._measure = None if config.validation is None else _measure_on(config.validation, self._skeleton)

    def run(
        self, network: nn.Module, phase: int, images: int, sets: list[LabelledSet], scalars: Scalars
    ) -> dict[str, float]:
        """Measure a network, draw what it finds in some training crops, keep its weights.

        Returns:
            The metrics; empty without a validation set.
        """
        settings = self._config.phases[phase]
        size = InputSize.parse(settings.patch_of or settings.input_size)
        engine = TorchEngine(deepcopy(network).eval(), self._device, folded=True)
        estimator = PoseEstimator(engine, self._skeleton, size)
        shown = draw_predictions(estimator, self._shown_crops(sets, size))
        scalars.add_picture("validation/predictions", shown, images)
        self._folder.keep_picture(shown, images)
        metadata = {"network": self._config.network, "keypoints": str(self._config.keypoints), "input_size": str(size)}
        if self._measure is None:
            self._folder.keep_weights(network, metadata, {"images": images})
            return {}
        metrics = {"images": float(images), "phase": float(phase)} | self._measure.metrics(estimator)
        self._folder.keep_measured(network, metadata, metrics, self._measure.first)
        scalars.add({f"validation/{name}": value for name, value in metrics.items() if name != "images"}, images)
        return metrics

    def _shown_crops(self, sets: list[LabelledSet], size: InputSize) -> UInt8Array:
        plain = Phase(
            images=_SHOWN, input_size=str(size), batch_size=_SHOWN, learning_rate=1, augmentation=Augmentation.none()
        )
        first = cast(Batch, next(iter(batches(sets, plain, 0, _SHOWN, seed=self._config.seed, workers=0))))
        crops: UInt8Array = first.crops.numpy()
        return crops


def _measure_on(held_out: DataSet, skeleton: Skeleton) -> Measure:
    if is_mpii(held_out.annotations):
        return _pckh(held_out)
    labelled = read_pictures(held_out.annotations, held_out.images, skeleton)
    count_people(labelled)  # told before the training, not at its first measurement
    check_files(picture.path for picture in labelled.pictures)

    def metrics(estimator: PoseEstimator) -> dict[str, float]:
        found = evaluate_poses(labelled, estimator, _silent)
        return {
            "AP": found.precision.ap,
            "AP50": found.precision.ap50,
            "AP75": found.precision.ap75,
            "AR": found.precision.ar,
            "oks": found.oks,
            "pck": found.pck,
        }

    return Measure("AP", metrics)


def _pckh(held_out: DataSet) -> Measure:
    people = read_evaluated(held_out.annotations)
    check_files(held_out.images / str(name) for name in np.unique(people.pictures))

    def metrics(estimator: PoseEstimator) -> dict[str, float]:
        found = evaluate_pckh(people, held_out.images, estimator, _silent)
        shares = {"PCKh": found.mean} | {f"PCKh_{joint}": share for joint, share in found.joints.items()}
        return {name: share for name, share in shares.items() if share is not None}

    return Measure("PCKh", metrics)


def _silent(done: int, total: int) -> None:
    """Validation shows no progress of its own."""
