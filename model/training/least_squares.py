"""Layers that are made to give wanted answers to given inputs, by least squares, without a gradient step.

Legend: P places (crops times height times width), I and O channels.
"""

from typing import cast

import torch
from torch import Tensor, nn

PLACES = 60_000
"""So many are enough for a few hundred unknowns."""
_SEED = 0
_TINY = 1e-6


def rows(branch: Tensor) -> Tensor:
    """(N, C, H, W) as (N x H x W, C), without a copy where the channels are last in memory."""
    return branch.permute(0, 2, 3, 1).flatten(0, 2)


def linear_fit(inputs: Tensor, wanted: Tensor, ridge: float = 1e-3) -> tuple[Tensor, Tensor]:
    """Weights (O, I) and bias (O,) of the linear map from inputs (P, I) that comes closest to `wanted` (P, O).

    Args:
        inputs: (P, I).
        wanted: (P, O).
        ridge: How much large weights cost, as a share of the inputs' variance.
    """
    if len(inputs) > PLACES:
        some = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(_SEED))[:PLACES]
        inputs, wanted = inputs[some], wanted[some]
    inputs, wanted = inputs.double(), wanted.double()
    mean, wanted_mean = inputs.mean(0), wanted.mean(0)
    inputs = inputs - mean
    covariance = inputs.T @ inputs / len(inputs)
    variance = covariance.diagonal()
    covariance = covariance + torch.diag(ridge * (variance + 0.1 * variance.mean()) + _TINY**2)
    weights = torch.linalg.solve(covariance, inputs.T @ (wanted - wanted_mean) / len(inputs)).T
    return weights.float(), (wanted_mean - weights @ mean).float()


def fit_pointwise(conv: nn.Module, norm: nn.Module, inputs: Tensor, wanted: Tensor) -> None:
    """Make a 1x1 convolution and its batch norm answer `inputs` (N, I, H, W) with `wanted` (N, O, H, W)."""
    weights, bias = linear_fit(rows(inputs), rows(wanted))
    set_pointwise(conv, norm, inputs, weights, bias)


def set_pointwise(conv: nn.Module, norm: nn.Module, inputs: Tensor, weights: Tensor, bias: Tensor) -> None:
    """Make a 1x1 convolution and its batch norm give weights (O, I) times `inputs` (N, I, H, W) plus bias (O,)."""
    cast(nn.Conv2d, conv).weight.copy_(weights[:, :, None, None])
    found = rows(conv(inputs))
    set_norm(norm, found, (found.var(0) + cast(nn.BatchNorm2d, norm).eps).sqrt(), found.mean(0) + bias)


def set_linear(conv: nn.Module, weights: Tensor, bias: Tensor) -> None:
    """Give a 1x1 convolution weights (O, I) and a bias (O,)."""
    conv = cast(nn.Conv2d, conv)
    conv.weight.copy_(weights[:, :, None, None])
    cast(nn.Parameter, conv.bias).copy_(bias)


def set_norm(norm: nn.Module, inputs: Tensor, scale: Tensor, mean: Tensor) -> None:
    """Make a batch norm answer inputs (P, C) with this standard deviation (C,) and mean (C,)."""
    norm = cast(nn.BatchNorm2d, norm)
    norm.running_mean, norm.running_var = inputs.mean(0), inputs.var(0)
    norm.weight.copy_(scale)
    norm.bias.copy_(mean)


def fit_norm(norm: nn.Module, inputs: Tensor, wanted: Tensor) -> None:
    """Make a batch norm answer inputs (P, C) with what is closest to `wanted` (P, C), channel by channel."""
    mean, variance = inputs.mean(0), inputs.var(0)
    standard = (inputs - mean) / (variance + cast(nn.BatchNorm2d, norm).eps).sqrt()
    slope = (standard * (wanted - wanted.mean(0))).mean(0) / (standard.square().mean(0) + _TINY)
    set_norm(norm, inputs, slope, wanted.mean(0))
