from pathlib import Path

import numpy as np
import pytest

from model.training.batches import Batch, Draws, LabelledSet, batches
from model.training.cache import open_cache
from model.training.coco import read_people
from model.training.config import Phase
from tests.model.training.toy import write_toy_set

PHASE = Phase(images=40, input_size="64x64", batch_size=4, learning_rate=1e-3)


@pytest.fixture
def sets(tmp_path: Path) -> list[LabelledSet]:
    people = read_people(write_toy_set(tmp_path, 10), tmp_path, 17)
    return [LabelledSet(people, open_cache(people.pictures, people.picture_sizes, tmp_path / "cache", 2), 1.0)]


def drawn(sets: list[LabelledSet], first: int, last: int, **options: int) -> list[Batch]:
    return list(batches(sets, PHASE, first, last, **({"seed": 5, "workers": 0} | options)))


def same(one: list[Batch], other: list[Batch]) -> bool:
    return len(one) == len(other) and all(
        bool((a == b).all()) for pair in zip(one, other, strict=True) for a, b in zip(*pair, strict=True)
    )


def test_batches_have_crops_targets_and_weights(sets: list[LabelledSet]) -> None:
    crops, targets, weights = drawn(sets, 0, 4)[0]
    assert tuple(crops.shape) == (4, 64, 64, 3)
    assert tuple(targets.shape) == (4, 17, 16, 16)
    assert tuple(weights.shape) == (4, 17)


def test_targets_are_centred_between_cells_or_rounded_to_one(sets: list[LabelledSet]) -> None:
    highest = {}
    for unbiased in (True, False):
        phase = PHASE.model_copy(update={"unbiased": unbiased})
        _, targets, weights = next(iter(batches(sets, phase, 0, 4, seed=5, workers=0)))
        highest[unbiased] = targets[weights > 0].amax(dim=(1, 2))
        assert bool((targets[weights > 0] == 0).any()) != unbiased, "a window of three sigma"
    assert (highest[False] == 1).float().mean() > 0.5  # the others lie beyond the crop's edge
    assert not (highest[True] == 1).any()


def test_a_draw_depends_on_its_place_alone(sets: list[LabelledSet]) -> None:
    whole = drawn(sets, 0, 24)
    assert same(whole[3:], drawn(sets, 12, 24))
    assert same(whole, drawn(sets, 0, 24, workers=1))
    shares = [drawn(sets, 0, 24, rank=rank, processes=2) for rank in range(2)]
    assert same(whole, [batch for pair in zip(*shares, strict=True) for batch in pair])
    assert not same(whole, drawn(sets, 0, 24, seed=6))


def test_an_epoch_repeats_nobody_and_the_next_has_another_order() -> None:
    draws = Draws([5, 3], [1.0, 1.0], seed=1)
    epochs = [[draws[n] for n in range(start, start + 8)] for start in (0, 8)]
    everybody = {(0, person) for person in range(5)} | {(1, person) for person in range(3)}
    assert set(epochs[0]) == set(epochs[1]) == everybody
    assert epochs[0] != epochs[1]


def test_sets_are_mixed_by_weight() -> None:
    draws = Draws([10, 4], [0.5, 2.5], seed=1)
    assert draws.epoch_size == 15
    epoch = np.array([draws[n] for n in range(15)])
    assert (epoch[:, 0] == 0).sum() == 5
    counts = np.bincount(epoch[epoch[:, 0] == 1, 1], minlength=4)
    assert sorted(counts) == [2, 2, 3, 3]


def test_processes_take_the_same_number_of_steps(sets: list[LabelledSet]) -> None:
    assert [len(drawn(sets, 0, 20, rank=rank, processes=2)) for rank in range(2)] == [3, 3]
