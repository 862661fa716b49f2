import pytest
import torch
from torch import nn

from model.training.ema import WeightAverage


def test_a_short_runs_average_does_not_lag() -> None:
    network = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))
    nn.init.zeros_(network[0].weight)  # type: ignore[arg-type]
    average = WeightAverage(network, 0.999)
    nn.init.ones_(network[0].weight)  # type: ignore[arg-type]
    for _ in range(100):
        average.update(network)
    # A fixed decay of 0.999 would stand at 0.095.
    assert average.network[0].weight.item() > 0.999  # type: ignore[index, operator, union-attr]


def test_the_decay_ends_at_its_final_value() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = WeightAverage(network, 0.5)
    average.updates = 1000
    nn.init.ones_(network.weight)
    average.update(network)
    assert average.network.weight.item() == 0.5  # type: ignore[operator, union-attr]


def test_a_decay_of_one_weighs_all_steps_alike() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = WeightAverage(network, 1.0)
    for weight in (2.0, 4.0, 9.0):
        nn.init.constant_(network.weight, weight)
        average.update(network)
    assert average.network.weight.item() == pytest.approx(5)  # type: ignore[operator, union-attr]


def test_statistics_are_averaged_and_counters_copied() -> None:
    network = nn.BatchNorm1d(2)
    average = WeightAverage(network, 0.5)
    average.updates = 1000
    network(torch.tensor([[10.0, 10.0], [10.0, 30.0]]))
    average.update(network)
    torch.testing.assert_close(average.network.running_mean, network.running_mean / 2)  # type: ignore[operator]
    assert average.network.num_batches_tracked == 1
    assert not average.network.training
