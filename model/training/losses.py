"""The loss between heatmaps, and the targets' energy that it is measured in."""

import math

from torch import Tensor


def gaussian_energy(sigma: float) -> float:
    """Sum of squares of a Gaussian with maximum 1 over all cells: pi sigma^2."""
    return math.pi * sigma**2


def heatmap_loss(heatmaps: Tensor, targets: Tensor, weights: Tensor, sigma: float) -> Tensor:
    """Weighted squared error of heatmaps in units of a target's own energy: 1 where all maps are flat zero.

    A constant times the mean squared error of Xiao et al. (Simple Baselines, ECCV 2018), so that its size does not
    depend on the size of the maps.

    Args:
        heatmaps: (N, K, H, W).
        targets: (N, K, H, W), with maxima of 1.
        weights: (N, K).
        sigma: Standard deviation of the targets in cells.
    """
    errors = (heatmaps - targets).square().sum(dim=(2, 3)) / gaussian_energy(sigma)
    return (errors * weights).mean()
