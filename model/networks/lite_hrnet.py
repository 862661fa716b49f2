"""Lite-HRNet (Yu et al., CVPR 2021): stem, stages of modules over parallel resolutions, iterative head, heatmaps.

Parameter names and arithmetic are those of the published checkpoints, which load without renaming.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.networks.blocks import (
    ConditionalChannelWeighting,
    ConvBNAct,
    DepthwiseSeparableConv,
    FuseLayers,
    ShuffleUnit,
    depthwise_conv,
    separable_layers,
    shuffle_concat,
)
from model.networks.pose_network import HeatmapHead, PoseNetwork, init_normal

STEM_CHANNELS = 32
BLOCKS_PER_MODULE = 2


@dataclass(frozen=True)
class Variant:
    """The shape of one network.

    Attributes:
        modules: How many modules each of the three stages has.
        channels: Channels of each branch, highest resolution first.
        block: Conditional channel weighting, or the shuffle block of the naive networks.
        cross_resolution_weights: False leaves these weights out of conditional channel weighting.
        spatial_weights: False leaves these weights out of conditional channel weighting.
    """

    modules: tuple[int, int, int]
    channels: tuple[int, int, int, int]
    block: Literal["conditional", "shuffle"]
    cross_resolution_weights: bool = True
    spatial_weights: bool = True


class Stem(nn.Module):
    """3x3 convolution of stride 2, then a shuffle block of stride 2: (N, 3, H, W) to (N, 32, H/4, W/4)."""

    def __init__(self, channels: int = STEM_CHANNELS) -> None:
        super().__init__()
        half = self.split_size = channels // 2
        self.conv1 = ConvBNAct(3, channels, 3, stride=2)
        self.branch1 = nn.Sequential(depthwise_conv(half, stride=2), ConvBNAct(half, half))
        self.expand_conv = ConvBNAct(half, channels)
        self.depthwise_conv = depthwise_conv(channels, stride=2)
        self.linear_conv = ConvBNAct(channels, half)

    def forward(self, x: Tensor) -> Tensor:
        first, second = torch.split(self.conv1(x), self.split_size, dim=1)
        return shuffle_concat(self.branch1(first), self.linear_conv(self.depthwise_conv(self.expand_conv(second))))


class HRModule(nn.Module):
    """Two blocks on the branches, then the exchange between them.

    Args:
        channels: Channels of each branch of this stage, highest resolution first.
        variant: Which blocks the network is made of.
    """

    def __init__(self, channels: Sequence[int], variant: Variant) -> None:
        super().__init__()
        self.conditional = variant.block == "conditional"
        self.layers: nn.Sequential | nn.ModuleList
        if self.conditional:
            self.layers = nn.Sequential(*(_conditional_block(channels, variant) for _ in range(BLOCKS_PER_MODULE)))
        else:
            self.layers = nn.ModuleList(
                nn.Sequential(*(ShuffleUnit(count) for _ in range(BLOCKS_PER_MODULE))) for count in channels
            )
        self.fuse_layers = FuseLayers(channels)

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        if self.conditional:
            branches = self.layers(branches)
        else:
            branches = [layers(x) for layers, x in zip(self.layers, branches, strict=True)]
        fused: list[Tensor] = self.fuse_layers(branches)
        return fused


def _conditional_block(channels: Sequence[int], variant: Variant) -> ConditionalChannelWeighting:
    return ConditionalChannelWeighting(
        channels,
        cross_resolution_weights=variant.cross_resolution_weights,
        spatial_weights=variant.spatial_weights,
    )


class Transition(nn.ModuleList):
    """From the branches of one stage to those of the next, which has a lower resolution more.

    Args:
        before: Channels of the branches that come in.
        after: Channels of the branches that go out.
    """

    def __init__(self, before: Sequence[int], after: Sequence[int]) -> None:
        layers: list[nn.Module] = [
            nn.Identity() if old == new else separable_layers(old, new) for old, new in zip(before, after, strict=False)
        ]
        # One step of stride 2 makes the new branch from the lowest; the outer Sequential is part of the stored names.
        layers.append(nn.Sequential(separable_layers(before[-1], after[-1], stride=2)))
        super().__init__(layers)

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        return [layer(x) for layer, x in zip(self, [*branches, branches[-1]], strict=True)]


class IterativeHead(nn.Module):
    """Carries each branch up to the next higher resolution, lowest first: branches to (N, C0, H/4, W/4)."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        rising = list(reversed(channels))
        self.projects = nn.ModuleList(
            DepthwiseSeparableConv(here, above) for here, above in zip(rising, [*rising[1:], rising[-1]], strict=True)
        )

    def forward(self, branches: list[Tensor]) -> Tensor:
        out: Tensor = self.projects[0](branches[-1])
        for project, branch in zip(self.projects[1:], reversed(branches[:-1]), strict=True):
            out = project(branch + raise_resolution(out))
        return out


def raise_resolution(x: Tensor) -> Tensor:
    """(N, C, H, W) to (N, C, 2H, 2W), bilinear with the corners aligned, as the head does."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


class LiteHRNet(nn.Module):
    """The backbone: (N, 3, H, W) to features (N, channels[0], H/4, W/4)."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        self.stem = Stem()
        before: Sequence[int] = (STEM_CHANNELS,)
        for s, modules in enumerate(variant.modules):
            channels = variant.channels[: s + 2]
            self.add_module(f"transition{s}", Transition(before, channels))
            self.add_module(f"stage{s}", nn.Sequential(*(HRModule(channels, variant) for _ in range(modules))))
            before = channels
        self.stages = len(variant.modules)
        self.head_layer = IterativeHead(variant.channels)

    def forward(self, x: Tensor) -> Tensor:
        branches = [self.stem(x)]
        for s in range(self.stages):
            branches = self.get_submodule(f"transition{s}")(branches)
            branches = self.get_submodule(f"stage{s}")(branches)
        features: Tensor = self.head_layer(branches)
        return features


VARIANTS = {
    "lite-hrnet-18": Variant((2, 4, 2), (40, 80, 160, 320), "conditional"),
    "lite-hrnet-30": Variant((3, 8, 3), (40, 80, 160, 320), "conditional"),
    "naive-lite-hrnet-18": Variant((2, 4, 2), (30, 60, 120, 240), "shuffle"),
    "wider-naive-lite-hrnet-18": Variant((2, 4, 2), (40, 80, 160, 320), "shuffle"),
}


def build(
    name: str, keypoints: int, *, cross_resolution_weights: bool = True, spatial_weights: bool = True
) -> PoseNetwork:
    """A named variant with fresh weights, with or without the two kinds of weights."""
    variant = replace(
        VARIANTS[name], cross_resolution_weights=cross_resolution_weights, spatial_weights=spatial_weights
    )
    backbone = LiteHRNet(variant)
    backbone.apply(init_normal)
    return PoseNetwork(backbone, HeatmapHead(variant.channels[0], keypoints))
