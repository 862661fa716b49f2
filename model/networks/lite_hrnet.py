"""Lite-HRNet (Yu et al., CVPR 2021): stem, stages of modules over parallel resolutions, iterative head, heatmaps.

Parameter names and arithmetic are those of the published checkpoints, which load without renaming.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    is_tracing,
    separable_layers,
    shuffle_concat,
)

STEM_CHANNELS = 32
INPUT_MULTIPLE = 32


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
    """Two blocks on every branch, then the exchange between branches.

    Args:
        channels: Channels of each branch, highest resolution first.
        variant: Which blocks the network is made of.
    """

    def __init__(self, channels: Sequence[int], variant: "Variant", blocks: int = 2) -> None:
        super().__init__()
        self.parallel = variant.block == "shuffle"
        self.layers: nn.ModuleList | nn.Sequential
        if self.parallel:
            self.layers = nn.ModuleList(
                nn.Sequential(*(ShuffleUnit(count) for _ in range(blocks))) for count in channels
            )
        else:
            self.layers = nn.Sequential(
                *(
                    ConditionalChannelWeighting(
                        channels,
                        cross_resolution_weights=variant.cross_resolution_weights,
                        spatial_weights=variant.spatial_weights,
                    )
                    for _ in range(blocks)
                )
            )
        self.fuse_layers = FuseLayers(channels)

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        if self.parallel:
            branches = [layers(x) for layers, x in zip(self.layers, branches, strict=True)]
        else:
            branches = self.layers(branches)
        fused: list[Tensor] = self.fuse_layers(branches)
        return fused


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
            raised = F.interpolate(out, scale_factor=2, mode="bilinear", align_corners=True)
            out = project(branch + raised)
        return out


class LiteHRNetBackbone(nn.Module):
    """(N, 3, H, W) to features (N, channels[0], H/4, W/4)."""

    def __init__(self, variant: "Variant") -> None:
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


class HeatmapHead(nn.Module):
    """1x1 convolution from features to one heatmap a keypoint."""

    def __init__(self, channels: int, keypoints: int) -> None:
        super().__init__()
        self.final_layer = nn.Conv2d(channels, keypoints, 1)

    def forward(self, x: Tensor) -> Tensor:
        heatmaps: Tensor = self.final_layer(x)
        return heatmaps


class LiteHRNet(nn.Module):
    """Lite-HRNet with its heatmap head.

    Args:
        variant: The network's shape, one of VARIANTS.
        keypoints: How many heatmaps come out.
    """

    def __init__(self, variant: "Variant", keypoints: int) -> None:
        super().__init__()
        self.backbone = LiteHRNetBackbone(variant)
        self.head = HeatmapHead(variant.channels[0], keypoints)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        """Heatmaps of crops.

        Args:
            x: (N, 3, H, W) RGB, normalised; H and W are multiples of 32.

        Returns:
            (N, K, H/4, W/4) heatmaps.

        Raises:
            ValueError: H or W is not a multiple of 32.
        """
        height, width = x.shape[-2:]
        if not is_tracing() and (height % INPUT_MULTIPLE or width % INPUT_MULTIPLE):
            raise ValueError(f"input is {height}x{width}: height and width must be multiples of {INPUT_MULTIPLE}")
        heatmaps: Tensor = self.head(self.backbone(x))
        return heatmaps


def _init_weights(module: nn.Module) -> None:
    """Convolutions from a normal distribution of deviation 0.001, biases zero; batch norm keeps weight 1, bias 0."""
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, std=0.001)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


@dataclass(frozen=True)
class Variant:
    """Shape of a Lite-HRNet: modules in each stage, channels of each branch, and the kind of block."""

    modules: tuple[int, int, int]
    channels: tuple[int, int, int, int]
    block: Literal["conditional", "shuffle"]
    cross_resolution_weights: bool = True
    spatial_weights: bool = True


VARIANTS = {
    "lite-hrnet-18": Variant((2, 4, 2), (40, 80, 160, 320), "conditional"),
    "lite-hrnet-30": Variant((3, 8, 3), (40, 80, 160, 320), "conditional"),
    "naive-lite-hrnet-18": Variant((2, 4, 2), (30, 60, 120, 240), "shuffle"),
    "wider-naive-lite-hrnet-18": Variant((2, 4, 2), (40, 80, 160, 320), "shuffle"),
}


def build(name: str, keypoints: int) -> LiteHRNet:
    """The named variant with fresh weights."""
    return LiteHRNet(VARIANTS[name], keypoints)
