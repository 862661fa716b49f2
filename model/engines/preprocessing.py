"""The network as engines run it: from crops as they were cut to heatmaps, without batch norms."""

import itertools

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from model.normalisation import MEAN, STD


class FromCrops(nn.Module):
    """Puts layout change and normalisation in front of a pose network.

    Args:
        network: Takes (N, 3, H, W) normalised RGB.
        dtype: What the network computes in; normalisation is in float32 all the same, for 16 bits have no room for 255
            and a fraction.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, network: nn.Module, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.network = network.to(dtype)
        self.dtype = dtype
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("scale", 1 / torch.tensor(STD).view(1, 3, 1, 1))

    def forward(self, crops: Tensor) -> Tensor:
        """Heatmaps (N, K, H/4, W/4) of crops (N, H, W, 3) uint8 RGB."""
        normalised = (crops.permute(0, 3, 1, 2).to(self.mean.dtype) - self.mean) * self.scale
        heatmaps: Tensor = self.network(normalised.to(self.dtype))
        return heatmaps


def fold_batch_norms(network: nn.Module) -> None:
    """Fold every batch norm that directly follows a convolution into it, in place; the network must be in eval mode."""
    for parent in list(network.modules()):
        children = list(parent.named_children())
        for (name, module), (norm_name, norm) in itertools.pairwise(children):
            if isinstance(module, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(parent, name, fuse_conv_bn_eval(module, norm))
                setattr(parent, norm_name, nn.Identity())
