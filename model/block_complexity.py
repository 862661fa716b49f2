"""What conditional channel weighting saves: the paper's comparison of blocks, and of networks without its weights.

Lite-HRNet (Yu et al., CVPR 2021) compares the 1x1 convolutions of a shuffle block with the weights that replace them
at features of 64x64x40 and 32x32x80, two branches of a 256x256 crop. All is counted on the blocks themselves, which
work on half of the channels. Besides convolutions the products with the weights are counted, one for each value, since
next to a depthwise convolution they are not small.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from model.complexity import count_macs, count_parameters
from model.input_size import InputSize
from model.networks import build_network
from model.networks.blocks import ConditionalChannelWeighting, ShuffleUnit

FEATURES = ((64, 64, 40), (32, 32, 80))
"""Height, width and channels of the branches, as in the paper."""

PAPERS_REDUCTION = 0.80
"""Share of the shuffle block's computation that the paper says is saved at these features (section 1)."""

PAPERS_MILLION = 2**20
"""The paper's M: with it its formulas give the figures that it prints."""

REFERENCE_SIZE = InputSize(256, 192)
WEIGHTED_NETWORKS = ("lite-hrnet-18", "lite-hrnet-30")


class PartCost(NamedTuple):
    """A part of a block, over both branches; `part` is "whole" for all of it."""

    block: str
    part: str
    parameters: int
    macs: int


class PapersCost(NamedTuple):
    """A row of the paper's table 1, and the same of the blocks as they run.

    The paper's formulas take all C channels at N positions, one 1x1 convolution, no reduction of channels within the
    weights, and the convolutions of the cross-resolution weights at a single position.

    Attributes:
        part: What is counted, over both branches.
        formula: The paper's.
        paper: Multiply-adds by the formula.
        here: Multiply-adds of the blocks.
    """

    part: str
    formula: str
    paper: int
    here: int


class NetworkCost(NamedTuple):
    """A network with or without the two kinds of weights, with 17 keypoints, at 256x192.

    Multiply-adds are those of the convolutions, as in the catalogue.
    """

    network: str
    cross_resolution_weights: bool
    spatial_weights: bool
    parameters: int
    macs: int


def block_costs() -> list[PartCost]:
    """Parts of the shuffle block and of conditional channel weighting, each followed by the whole."""
    units = [ShuffleUnit(channels) for _, _, channels in FEATURES]
    weighting = ConditionalChannelWeighting([channels for _, _, channels in FEATURES])
    branches = [torch.zeros(1, channels, height, width) for height, width, channels in FEATURES]
    halves = [branch[:, : branch.shape[1] // 2] for branch in branches]
    pointwise = [nn.Sequential(unit.branch2[0], unit.branch2[2]) for unit in units]
    depthwise = [unit.branch2[1] for unit in units]
    return [
        _cost("shuffle block", "1x1 convolutions", pointwise, halves),
        _cost("shuffle block", "3x3 depthwise convolution", depthwise, halves),
        _cost("shuffle block", "whole", units, branches),
        _cost("channel weighting", "cross-resolution weights", [weighting.cross_resolution_weighting], [halves]),
        _cost("channel weighting", "spatial weights", list(weighting.spatial_weighting), halves),
        _cost("channel weighting", "3x3 depthwise convolution", list(weighting.depthwise_convs), halves),
        _cost("channel weighting", "whole", [weighting], [branches]),
    ]


def papers_table(parts: Sequence[PartCost]) -> list[PapersCost]:
    """The paper's table 1 beside the parts of the blocks, from `block_costs`."""
    shapes = [(height * width, channels) for height, width, channels in FEATURES]
    products = sum(n * c for n, c in shapes)
    spatial = sum(2 * c**2 for _, c in shapes) + products
    cross_resolution = 2 * sum(c for _, c in shapes) ** 2 + products
    here = {part.part: part.macs for part in parts}
    weights = here["spatial weights"] + here["cross-resolution weights"]
    pointwise, depthwise = "1x1 convolutions", "3x3 depthwise convolution"
    return [
        PapersCost(pointwise, "sum N C^2", sum(n * c**2 for n, c in shapes), here[pointwise]),
        PapersCost(depthwise, "sum 9 N C", 9 * products, here[depthwise]),
        PapersCost("spatial weights", "sum (2 C^2 + N C)", spatial, here["spatial weights"]),
        PapersCost(
            "cross-resolution weights",
            "2 (sum C)^2 + sum N C",
            cross_resolution,
            here["cross-resolution weights"],
        ),
        PapersCost("both weights", "their sum", spatial + cross_resolution, weights),
    ]


def ablation_costs() -> list[NetworkCost]:
    """Each network with both kinds of weights, with either, and with neither."""
    costs = []
    for name, (cross_resolution, spatial) in itertools.product(
        WEIGHTED_NETWORKS, itertools.product((True, False), repeat=2)
    ):
        network = build_network(name, cross_resolution_weights=cross_resolution, spatial_weights=spatial)
        macs = count_macs(network, REFERENCE_SIZE)
        costs.append(NetworkCost(name, cross_resolution, spatial, count_parameters(network), macs))
    return costs


def _cost(block: str, part: str, modules: Sequence[nn.Module], inputs: Sequence[Any]) -> PartCost:
    counter = FlopCounterMode(display=False, custom_mapping={torch.ops.aten.mul: _product_flops})
    with torch.no_grad(), counter:
        for module, entry in zip(modules, inputs, strict=True):
            module.eval()(entry)
    parameters = sum(count_parameters(module) for module in modules)
    return PartCost(block, part, parameters, int(counter.get_total_flops()) // 2)


def _product_flops(*_: object, out_shape: torch.Size, **__: object) -> int:
    """Two operations, one multiply-add, for each value of features (N, C, H, W); upsampling multiplies indices, too."""
    return 2 * math.prod(out_shape) if len(out_shape) == 4 else 0
