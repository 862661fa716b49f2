"""A block of conditional channel weighting that takes over what blocks of a shallower network do to their channels."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor, nn

from model.networks.blocks import (
    ConditionalChannelWeighting,
    ConvBNAct,
    CrossResolutionWeighting,
    SpatialWeighting,
)
from model.training.least_squares import fit_norm, linear_fit, rows, set_linear, set_pointwise

NOBODY = -1
_RIDGE_OF_MEANS = 0.1  # there are only as many means over whole maps as there are crops
_NOISE = 0.1  # logits of weights that no block of the shallower network gives are this far from 0
_LARGEST = 1.0  # of such weights, where inputs hardly vary
_LOWEST = 0.02  # share of values that may fall below zero


@dataclass
class Record:
    """What a trained block computes on the way: before each ReLU and sigmoid, and behind its depthwise convolutions.

    Lists have a tensor a branch.
    """

    block: ConditionalChannelWeighting
    hidden: Tensor = field(default_factory=lambda: torch.empty(0))
    logits: Tensor = field(default_factory=lambda: torch.empty(0))
    filtered: list[Tensor] = field(default_factory=list)
    spatial_hidden: list[Tensor] = field(default_factory=list)
    spatial_logits: list[Tensor] = field(default_factory=list)


@dataclass(frozen=True)
class Duty:
    """What a grown block does to the weighted half of a branch's channels, (C / 2,) each.

    Attributes:
        block: Which of the shallower module's blocks a channel is treated as by, or NOBODY: it is left as it is.
        index: As which of the channels that are weighted there.
    """

    block: Tensor
    index: Tensor

    @property
    def is_given(self) -> Tensor:
        return self.block != NOBODY

    def pick(self, of_blocks: Sequence[Tensor]) -> Tensor:
        """(N, C / 2, H, W) from such a tensor a block; of channels without duty anything."""
        return torch.stack(list(of_blocks))[self.block, :, self.index].transpose(0, 1)


def run_recorded(block: ConditionalChannelWeighting, branches: list[Tensor]) -> tuple[list[Tensor], Record]:
    """What a trained block answers, and how it comes to that."""
    record = Record(block)
    crossing, spatial = _weightings(block)
    with (
        _outputs(crossing.conv1.bn) as hidden,
        _outputs(crossing.conv2.bn) as logits,
        _outputs(*block.depthwise_convs) as record.filtered,
        _outputs(*(weighting.conv1.conv for weighting in spatial)) as record.spatial_hidden,
        _outputs(*(weighting.conv2.conv for weighting in spatial)) as record.spatial_logits,
    ):
        answer = block(branches)
    (record.hidden,), (record.logits,) = hidden, logits
    return answer, record


def fit_block(
    block: ConditionalChannelWeighting,
    branches: list[Tensor],
    records: Sequence[Record],
    like: int,
    duties: Sequence[Duty],
    scales: Sequence[float],
    stays_positive: bool,
) -> list[Tensor]:
    """Make a block treat its channels as blocks of a shallower network treat theirs.

    Args:
        block: The block of the deeper network; it is changed.
        branches: What it gets, a tensor a branch.
        records: The shallower module's blocks, run on the same crops.
        like: Which of them its hidden channels follow.
        duties: A branch each.
        scales: A branch each, how many times larger its values are than in the shallower network.
        stays_positive: Whether a ReLU comes before what needs negative values: treated channels are then raised.

    Returns:
        What the block answers now.
    """
    crossing, spatial = _weightings(block)
    noise = torch.Generator().manual_seed(len(branches))
    weighted = [x[:, half:] for half, x in zip(block.split_sizes, branches, strict=True)]
    halves = zip(*(torch.split(record.logits, block.split_sizes, dim=1) for record in records), strict=True)
    logits = torch.cat([duty.pick(each) for duty, each in zip(duties, halves, strict=True)], dim=1)
    given = torch.cat([duty.is_given for duty in duties])
    maps = _fit_maps(crossing, crossing.pooled(weighted), records[like].hidden, logits, given, noise)
    for i, x in enumerate(crossing.weigh(weighted, maps)):
        duty, conv = duties[i], cast(ConvBNAct, block.depthwise_convs[i])
        _fit_filters(conv, x, weighted[i], records, i, duty, scales[i])
        if stays_positive:
            cast(nn.BatchNorm2d, conv.bn).bias.add_(torch.where(duty.is_given, _below_zero(conv(x)), 0))
        of_crop = duty.pick([each.spatial_logits[i] for each in records]).flatten(1)
        hidden = records[like].spatial_hidden[i].flatten(1)
        _fit_spatial(spatial[i], conv(x).mean((2, 3)), hidden, of_crop, duty.is_given, noise)
    answer: list[Tensor] = block(branches)
    return answer


def _fit_filters(
    conv: ConvBNAct, x: Tensor, before: Tensor, records: Sequence[Record], branch: int, duty: Duty, scale: float
) -> None:
    """Depthwise filters for weighted channels x, which were `before` without their weights."""
    kernels = torch.stack([cast(ConvBNAct, each.block.depthwise_convs[branch]).conv.weight for each in records])
    untouched = torch.zeros_like(conv.conv.weight)
    untouched[:, :, 1, 1] = 1
    given = duty.is_given[:, None, None, None]
    conv.conv.weight.copy_(torch.where(given, kernels[duty.block, duty.index], untouched) / scale)
    filtered = duty.pick([each.filtered[branch] for each in records]) * scale
    # Without a duty the spatial weights that follow are about a half.
    wanted = torch.where(duty.is_given[:, None, None], filtered, 2 * before)
    fit_norm(conv.bn, rows(conv.conv(x)), rows(wanted))


def _fit_maps(
    crossing: CrossResolutionWeighting,
    pooled: Tensor,
    hidden: Tensor,
    logits: Tensor,
    given: Tensor,
    noise: torch.Generator,
) -> Tensor:
    weights, bias = linear_fit(rows(pooled), rows(hidden))
    set_pointwise(crossing.conv1.conv, crossing.conv1.bn, pooled, weights, bias)
    inside = crossing.conv1(pooled)
    weights, bias = _or_noise(rows(inside), *linear_fit(rows(inside), rows(logits)), given, noise)
    set_pointwise(crossing.conv2.conv, crossing.conv2.bn, inside, weights, bias)
    maps: Tensor = crossing.conv2(inside)
    return maps


def _fit_spatial(
    weighting: SpatialWeighting, means: Tensor, hidden: Tensor, logits: Tensor, given: Tensor, noise: torch.Generator
) -> None:
    weights, bias = linear_fit(means, hidden, _RIDGE_OF_MEANS)
    set_linear(weighting.conv1.conv, weights, bias)
    inside = torch.relu(means @ weights.T + bias)
    fitted = linear_fit(inside, logits, _RIDGE_OF_MEANS)
    set_linear(weighting.conv2.conv, *_or_noise(inside, *fitted, given, noise))


def _or_noise(
    inputs: Tensor, weights: Tensor, bias: Tensor, given: Tensor, noise: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Weights and bias, where they are not given such that answers to inputs (P, I) are near 0, but no two alike.

    With weights of 0 the layer before would get no gradient from there.
    """
    small = torch.randn(weights.shape, generator=noise) * _NOISE / weights.shape[1] ** 0.5
    small = (small / (inputs.std(0) + inputs.std())).clamp(-_LARGEST, _LARGEST)
    answers = (inputs @ small.T).mean(0)
    return torch.where(given[:, None], weights, small), torch.where(given, bias, -answers)


def _below_zero(x: Tensor) -> Tensor:
    """How far nearly all values of each channel are above zero when so much is added, (C,)."""
    places = rows(x)
    some = places[:: max(1, len(places) // 20_000)]
    return (-torch.quantile(some, _LOWEST, dim=0)).clamp(min=0)


def _weightings(block: ConditionalChannelWeighting) -> tuple[CrossResolutionWeighting, list[SpatialWeighting]]:
    return (
        cast(CrossResolutionWeighting, block.cross_resolution_weighting),
        [cast(SpatialWeighting, weighting) for weighting in block.spatial_weighting],
    )


@contextmanager
def _outputs(*modules: nn.Module) -> Iterator[list[Tensor]]:
    """What modules answer while they run, in the order in which they do."""
    answers: list[Tensor] = []

    def keep(_: nn.Module, __: Any, answer: Tensor) -> None:
        answers.append(answer)

    hooks = [module.register_forward_hook(keep) for module in modules]
    try:
        yield answers
    finally:
        for hook in hooks:
            hook.remove()
