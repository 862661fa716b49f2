"""Batches of augmented crops, each a function of the seed and its place in the run alone.

Draw number n of a run is always the same person with the same random changes, whatever the number of processes and
workers and however often the run was interrupted. A run is therefore resumed by its position, without stored state of
random generators.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from model.arrays import IntArray
from model.heatmaps import default_sigma, encode
from model.input_size import InputSize
from model.skeletons import skeleton_of
from model.training.augment import Sample, draw_sample
from model.training.cache import PictureCache
from model.training.coco import People
from model.training.config import Phase

Sampled = TypeVar("Sampled")


class LabelledSet(NamedTuple):
    """The people of one data set, their decoded pictures, and how much more often than others they are drawn."""

    people: People
    pictures: PictureCache
    weight: float


class Batch(NamedTuple):
    """`crops` (N, H, W, 3) uint8 RGB, `targets` (N, K, H/4, W/4) and `weights` (N, K)."""

    crops: Tensor
    targets: Tensor
    weights: Tensor


class Draws:
    """The order in which people are drawn: epochs without repetition, sets mixed by weight.

    Args:
        sizes: People in each set.
        weights: Each set's weight; with 1.5, everyone is drawn once an epoch and a random half once more.
        seed: Of the run.
    """

    def __init__(self, sizes: Sequence[int], weights: Sequence[float], seed: int) -> None:
        self._sizes, self._weights, self._seed = sizes, weights, seed
        self.epoch_size = sum(self._draws(size, weight) for size, weight in zip(sizes, weights, strict=True))
        self._epoch, self._order = -1, np.empty((0, 2), np.int64)

    def __getitem__(self, number: int) -> tuple[int, int]:
        """Set and person of draw `number`."""
        epoch, place = divmod(number, self.epoch_size)
        if epoch != self._epoch:
            self._epoch, self._order = epoch, self._shuffled(epoch)
        which, person = self._order[place]
        return int(which), int(person)

    @staticmethod
    def _draws(size: int, weight: float) -> int:
        return max(1, round(size * weight))

    def _shuffled(self, epoch: int) -> IntArray:
        rng = np.random.default_rng((self._seed, 1, epoch))
        parts = []
        for which, (size, weight) in enumerate(zip(self._sizes, self._weights, strict=True)):
            whole, rest = divmod(self._draws(size, weight), size)
            persons = np.concatenate([np.arange(size)] * whole + [rng.permutation(size)[:rest]])
            parts.append(np.stack([np.full(len(persons), which), persons], axis=1))
        order = np.concatenate(parts).astype(np.int64)
        return np.asarray(order[rng.permutation(len(order))], np.int64)


class AugmentedPeople(Dataset[Sample]):
    """Sample number n of a phase."""

    def __init__(self, sets: Sequence[LabelledSet], draws: Draws, phase: Phase, seed: int) -> None:
        self._sets, self._draws, self._phase, self._seed = sets, draws, phase, seed
        self._size = InputSize.parse(phase.input_size)
        self._patch_of = InputSize.parse(phase.patch_of) if phase.patch_of else self._size

    def __getitem__(self, number: int) -> Sample:
        which, person = self._draws[number]
        people, pictures, _ = self._sets[which]
        return draw_sample(
            pictures[int(people.picture_of[person])],
            people.boxes[person],
            people.keypoints[person],
            people.weights[person],
            skeleton_of(people.keypoints.shape[1]),
            self._phase.augmentation,
            self._size,
            self._patch_of,
            np.random.default_rng((self._seed, 2, number)),
        )


class Collate:
    """Stacks samples and draws their target heatmaps, all at once."""

    def __init__(self, input_size: tuple[int, int], sigma: float, unbiased: bool) -> None:
        self._input_size, self._sigma, self._unbiased = input_size, sigma, unbiased

    def __call__(self, samples: list[Sample]) -> Batch:
        weights = np.stack([sample.weights for sample in samples])
        keypoints = np.stack([sample.keypoints for sample in samples])
        targets = encode(keypoints, weights > 0, self._input_size, self._sigma, self._unbiased)
        return Batch(
            torch.from_numpy(np.stack([sample.crop for sample in samples])),
            torch.from_numpy(targets.heatmaps),
            torch.from_numpy(weights * targets.weights),
        )


class Numbers:
    """Draw numbers of each batch of one process.

    Args:
        first: The run's draws before this one are done.
        last: Where the phase ends.
        batch_size: Of one process.
        rank: This process among those that train together.
        processes: How many train together; each takes every so-manieth batch.
    """

    def __init__(self, first: int, last: int, batch_size: int, rank: int, processes: int) -> None:
        self._first, self._last, self._batch_size = first, last, batch_size
        self._rank, self._processes = rank, processes

    def __len__(self) -> int:
        return -(-(self._last - self._first) // (self._batch_size * self._processes))

    def __iter__(self) -> Iterator[list[int]]:
        # The last batch may run past the end of the phase: every process must take the same number of steps.
        for step in range(len(self)):
            start = self._first + (step * self._processes + self._rank) * self._batch_size
            yield list(range(start, start + self._batch_size))


def _start_worker(number: int) -> None:
    cv2.setNumThreads(1)


def phase_sigma(phase: Phase) -> float:
    """The phase's own standard deviation of targets in cells, or that of the crop's size."""
    return default_sigma(InputSize.parse(phase.patch_of or phase.input_size)) if phase.sigma is None else phase.sigma


def batches(
    sets: Sequence[LabelledSet],
    phase: Phase,
    first: int,
    last: int,
    *,
    seed: int,
    workers: int,
    pinned: bool = False,
    rank: int = 0,
    processes: int = 1,
) -> DataLoader[Sample]:
    """Batches from draw `first` of the run to draw `last`.

    Args:
        sets: The data sets.
        phase: Sizes, augmentation and targets.
        first: The run's draws before this one are done.
        last: Where the phase ends.
        seed: Of the run.
        workers: Processes that augment; 0 augments in the training process.
        pinned: Whether batches lie in page-locked memory, from which a GPU fetches faster.
        rank: This process among those that train together.
        processes: How many train together; each takes every so-manieth batch.
    """
    draws = Draws([len(each.people) for each in sets], [each.weight for each in sets], seed)
    return load(
        AugmentedPeople(sets, draws, phase, seed),
        Collate(InputSize.parse(phase.input_size), phase_sigma(phase), phase.unbiased),
        Numbers(first, last, phase.batch_size, rank, processes),
        workers=workers,
        pinned=pinned,
    )


def load(
    dataset: Dataset[Sampled],
    collate: Callable[[list[Sampled]], NamedTuple],
    numbers: Numbers,
    *,
    workers: int,
    pinned: bool,
) -> DataLoader[Sampled]:
    """Batches of samples by number, made by other processes where `workers` says so."""
    return DataLoader(
        dataset,
        batch_sampler=numbers,
        num_workers=workers,
        collate_fn=collate,
        worker_init_fn=_start_worker,
        # A forked worker inherits OpenCV's and PyTorch's thread pools without their threads, and may wait for them.
        multiprocessing_context="spawn" if workers else None,
        pin_memory=pinned,
        prefetch_factor=4 if workers else None,
    )
