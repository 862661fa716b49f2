"""Counting parameters and multiply-adds, on a network small enough to count by hand."""

from torch import nn

from model.complexity import count_macs, count_parameters
from model.input_size import InputSize


def test_a_network_counted_by_hand() -> None:
    shared = nn.Conv2d(4, 4, 1, bias=False)
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1),  # 16 x 32 positions of 4 * 27 multiply-adds
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3, padding=1, groups=4),  # 16 x 32 of 4 * 9
        shared,  # 16 x 32 of 4 * 4
        shared,  # runs twice, counts twice
        nn.Upsample(scale_factor=2),
    )
    assert count_macs(network, InputSize(32, 64)) == 16 * 32 * (108 + 36 + 16 + 16)
    assert count_parameters(network) == (108 + 4) + (4 + 4) + (36 + 4) + 16


def test_the_network_stays_in_its_mode() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    for training in (True, False):
        network.train(training)
        count_macs(network, InputSize(32, 32))
        assert network.training is network[1].training is training
