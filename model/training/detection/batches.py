"""Batches of the detector's training pictures, each a function of the seed and its place in the run alone."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from model.input_size import InputSize
from model.training.batches import Draws, Numbers, load
from model.training.cache import PictureCache
from model.training.detection.canvas import Canvas, Picture, draw_canvas
from model.training.detection.config import DetectorPhase
from model.training.detection.cut_outs import open_cut_outs
from model.training.detection.labels import LabelledBoxes

_LABELS = 16


class BoxSet(NamedTuple):
    """The labels of one data set, its decoded pictures, and how much more often than others they are drawn."""

    labels: LabelledBoxes
    pictures: PictureCache
    weight: float


class BoxBatch(NamedTuple):
    """`pictures` (N, H, W, 3) uint8 RGB, `boxes` (N, G, 4) in their pixels, `sure` (N, G), 0 where there is none."""

    pictures: Tensor
    boxes: Tensor
    sure: Tensor


class Canvases(Dataset[Canvas]):
    """Canvas number n of a phase."""

    def __init__(self, sets: Sequence[BoxSet], phase: DetectorPhase, seed: int) -> None:
        self._sets, self._phase, self._seed = sets, phase, seed
        self._draws = Draws([len(each.labels) for each in sets], [each.weight for each in sets], seed)
        self._size = InputSize.parse(phase.input_size)

    def __getitem__(self, number: int) -> Canvas:
        rng = np.random.default_rng((self._seed, 2, number))

        epoch = number // self._draws.epoch_size * self._draws.epoch_size

        def another() -> Picture:
            # Of the same epoch, whose order is at hand.
            return self._picture(*self._draws[epoch + int(rng.integers(self._draws.epoch_size))])

        first = self._picture(*self._draws[number])
        settings = self._phase.augmentation
        # Opened here, since what a data set holds is sent to every worker.
        cut_outs = None if settings.cut_outs is None else open_cut_outs(settings.cut_outs)
        return draw_canvas(first, another, settings, self._size, rng, cut_outs)

    def _picture(self, which: int, index: int) -> Picture:
        labels, pictures, _ = self._sets[which]
        return pictures[index], labels.boxes[index], labels.scores[index]


def collate(canvases: list[Canvas]) -> BoxBatch:
    """Stack canvases; labels are filled up with empty ones to a multiple of 16, so that few shapes occur."""
    most = _LABELS * max(1, *(-(-len(canvas.boxes) // _LABELS) for canvas in canvases))
    boxes = np.zeros((len(canvases), most, 4), np.float32)
    sure = np.zeros((len(canvases), most), np.float32)
    for index, canvas in enumerate(canvases):
        boxes[index, : len(canvas.boxes)] = canvas.boxes
        sure[index, : len(canvas.scores)] = canvas.scores
    pixels = np.stack([canvas.pixels for canvas in canvases])
    return BoxBatch(torch.from_numpy(pixels), torch.from_numpy(boxes), torch.from_numpy(sure))


def batches(
    sets: Sequence[BoxSet], phase: DetectorPhase, numbers: Numbers, *, seed: int, workers: int, pinned: bool = False
) -> DataLoader[Canvas]:
    """Batches of canvases.

    Args:
        sets: The data sets.
        phase: Size and augmentation.
        numbers: Which of the run's draws.
        seed: Of the run.
        workers: Processes that draw canvases; 0 draws in the training process.
        pinned: Whether batches lie in page-locked memory, from which a GPU fetches faster.
    """
    return load(Canvases(sets, phase, seed), collate, numbers, workers=workers, pinned=pinned)
