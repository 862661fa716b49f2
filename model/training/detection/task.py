"""Training the person detector on labelled boxes."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, cast

import cv2
import numpy as np
import torch
from torch import nn

from model.arrays import UInt8Array
from model.detection import THRESHOLD, PersonFinder
from model.engines.torch_engine import TorchEngine
from model.input_size import InputSize
from model.networks.person_detector import PersonDetector, build_detector
from model.training.batches import Numbers
from model.training.config import DataSet
from model.training.decoding import decoded
from model.training.detection.batches import BoxBatch, BoxSet, batches
from model.training.detection.config import CanvasAugmentation, DetectorPhase, DetectorTrainingConfig
from model.training.detection.cut_outs import open_cut_outs
from model.training.detection.labels import read_boxes
from model.training.detection.objective import DetectionObjective
from model.training.detection.teacher import PicoDetTeacher
from model.training.detection_metrics import PictureDetections, detection_metrics
from model.training.evaluate import WEAKEST_BOX, evaluate_detection
from model.training.labelled_pictures import LabelledPicture, LabelledPictures, check_files, read_pictures
from model.training.progress import Report
from model.training.runfolder import RunFolder
from model.training.scalars import Scalars
from model.training.task import StepBatch

_ADAPTED_ON = 64  # canvases: the coarsest maps of 384x384 have 144 places in each, for up to 384 unknowns
_SHOWN = 8  # canvases in a picture of predictions
_COLUMNS = 4


class DetectionTask:
    """See `Task`.

    Args:
        config: The run.
        folder: Where metrics, pictures and weights go.
        device: Where the network is measured.

    Raises:
        DatasetError: The validation set is absent or malformed.
    """

    def __init__(self, config: DetectorTrainingConfig, folder: RunFolder, device: str) -> None:
        self._config, self._folder, self._device = config, folder, device
        self._sets: list[BoxSet] = []
        self._held_out = None if config.validation is None else _read(config.validation)

    def build(self) -> nn.Module:
        return build_detector()

    def check(self, phase: int) -> None:
        settings = self._config.phases[phase]
        if settings.teacher is not None:
            PicoDetTeacher(settings.teacher.graph, torch.device("cpu"))
        if settings.augmentation.cut_outs is not None:
            open_cut_outs(settings.augmentation.cut_outs)

    def open_sets(self, report: Report) -> None:
        for each in self._config.sets:
            labels = read_boxes(each.annotations, each.images)
            pictures = decoded(self._config, each, labels.pictures, labels.sizes, report)
            self._sets.append(BoxSet(labels, pictures, each.weight))

    def objective(self, network: nn.Module, phase: int, device: torch.device, begins: bool) -> tuple[nn.Module, bool]:
        settings = self._config.phases[phase]
        objective = DetectionObjective(cast(PersonDetector, network), settings.teacher, device).to(device)
        if len(objective.adapters) > 0 and begins:
            # The same canvases in every process.
            numbers = Numbers(0, _ADAPTED_ON, settings.batch_size, 0, 1)
            loader = batches(self._sets, settings, numbers, seed=self._config.seed, workers=0)
            objective.fit_adapters(torch.cat([cast(BoxBatch, batch).pictures for batch in loader]).to(device))
        return objective, False

    def batches(
        self, phase: int, first: int, last: int, rank: int, processes: int, pinned: bool
    ) -> Iterable[StepBatch]:
        numbers = Numbers(first, last, self._config.phases[phase].batch_size, rank, processes)
        return self._batches(self._config.phases[phase], numbers, pinned)

    def batches_as_in_use(self, phase: int, first: int, last: int) -> Iterable[StepBatch]:
        settings = self._config.phases[phase]
        apart = settings.augmentation.model_copy(update={"mixed": 0.0})
        numbers = Numbers(first, last, settings.batch_size, 0, 1)
        return self._batches(settings.model_copy(update={"augmentation": apart}), numbers, pinned=False)

    def _batches(self, settings: DetectorPhase, numbers: Numbers, pinned: bool) -> Iterable[StepBatch]:
        config = self._config
        loader = batches(self._sets, settings, numbers, seed=config.seed, workers=config.workers, pinned=pinned)
        return cast(Iterable[StepBatch], loader)

    def validate(self, network: nn.Module, phase: int, images: int, scalars: Scalars) -> dict[str, float]:
        long_side = max(InputSize.parse(self._config.phases[phase].input_size))
        finder = PersonFinder(TorchEngine(deepcopy(network).eval(), self._device, folded=True), long_side)
        shown = self._draw(finder, phase)
        scalars.add_picture("validation/predictions", shown, images)
        self._folder.keep_picture(shown, images)
        metadata = {"network": self._config.network, "input_size": self._config.phases[phase].input_size}
        if self._held_out is None:
            self._folder.keep_weights(network, metadata, {"images": images})
            return {}

        def detect(picture: LabelledPicture, image: UInt8Array) -> Any:
            return finder.find(image, WEAKEST_BOX)

        found = evaluate_detection(self._held_out, detect, THRESHOLD, lambda done, total: None)
        metrics = {"images": float(images), "phase": float(phase), "AP50": found.ap50}
        metrics |= {"recall": found.recall, "precision": found.precision}
        self._folder.keep_measured(network, metadata, metrics, "AP50")
        scalars.add({f"validation/{name}": value for name, value in metrics.items() if name != "images"}, images)
        return metrics

    def _draw(self, finder: PersonFinder, phase: int) -> UInt8Array:
        """Canvases of the training as they are cut, with the boxes found in them: (rows H, columns W, 3) RGB."""
        plain = self._config.phases[phase].model_copy(update={"augmentation": CanvasAugmentation(empty=0, colour=0)})
        numbers = Numbers(0, _SHOWN, _SHOWN, 0, 1)
        first = cast(BoxBatch, next(iter(batches(self._sets, plain, numbers, seed=self._config.seed, workers=0))))
        tiles = []
        for canvas in first.pictures.numpy():
            tile = canvas.copy()
            boxes, scores = finder.find(np.ascontiguousarray(canvas[..., ::-1]), THRESHOLD)
            for (x1, y1, x2, y2), score in zip(boxes, scores, strict=True):
                cv2.rectangle(tile, (round(x1), round(y1)), (round(x2), round(y2)), (120, 230, 120), 2)
                cv2.putText(
                    tile, f"{score:.2f}", (round(x1), round(y1) + 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255,) * 3
                )
            tiles.append(tile)
        rows = [np.concatenate(tiles[start : start + _COLUMNS], axis=1) for start in range(0, len(tiles), _COLUMNS)]
        return np.concatenate(rows)


def _read(held_out: DataSet) -> LabelledPictures:
    labelled = read_pictures(held_out.annotations, held_out.images, None)
    check_files(picture.path for picture in labelled.pictures)
    none = np.zeros((0, 4), np.float32)
    found = (PictureDetections(none, none[:, 0], each.boxes, each.crowd, each.size[0]) for each in labelled.pictures)
    detection_metrics(found, THRESHOLD)  # where nobody counts, told before the training
    return labelled
