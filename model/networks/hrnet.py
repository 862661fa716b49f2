"""HRNet (Sun et al., CVPR 2019) and Small HRNet, the same with less depth and width, under mmpose's parameter names."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from model.networks.blocks import sum_rising
from model.networks.pose_network import HeatmapHead, PoseNetwork, init_normal

STEM_CHANNELS = 64


@dataclass(frozen=True)
class Variant:
    """The shape of one network.

    Attributes:
        bottlenecks: How many bottleneck blocks the first stage has.
        bottleneck_channels: Their inner channels; four times as many come out.
        modules: How many modules each of the three stages with several resolutions has.
        blocks: How many basic blocks each branch of a module has.
        channels: Channels of each branch, highest resolution first.
    """

    bottlenecks: int
    bottleneck_channels: int
    modules: tuple[int, int, int]
    blocks: int
    channels: tuple[int, int, int, int]


def conv_norm(in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1) -> list[nn.Module]:
    """Convolution that keeps the size at stride 1, and its batch norm."""
    return [
        nn.Conv2d(in_channels, out_channels, kernel_size, stride, kernel_size // 2, bias=False),
        nn.BatchNorm2d(out_channels),
    ]


class BasicBlock(nn.Module):
    """Residual block of two 3x3 convolutions."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv_norm(channels, channels)
        self.conv2, self.bn2 = conv_norm(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class Bottleneck(nn.Module):
    """Residual block of a 1x1, a 3x3 and a 1x1 convolution; where channels differ, the shortcut has one too."""

    expansion = 4

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        out_channels = self.expansion * channels
        self.conv1, self.bn1 = conv_norm(in_channels, channels, 1)
        self.conv2, self.bn2 = conv_norm(channels, channels)
        self.conv3, self.bn3 = conv_norm(channels, out_channels, 1)
        self.downsample = nn.Sequential(
            *(conv_norm(in_channels, out_channels, 1) if in_channels != out_channels else ())
        )

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.downsample(x) + self.bn3(self.conv3(out)))


class Fuse(nn.ModuleList):
    """Exchange at the end of a module: `self[i][j]` takes branch j to the shape of branch i, and the terms are summed.

    Args:
        channels: Channels of each branch.
        outputs: How many branches come out, highest resolution first.
    """

    def __init__(self, channels: Sequence[int], outputs: int) -> None:
        count = len(channels)
        super().__init__(nn.ModuleList(fuse_layer(channels, i, j) for j in range(count)) for i in range(outputs))

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        fused = []
        for i, layers in enumerate(self):
            assert isinstance(layers, nn.ModuleList)
            terms = [layer(x) for layer, x in zip(layers, branches, strict=True)]
            fused.append(F.relu(sum_rising([sum(terms[:i], start=terms[i]), *terms[i + 1 :]])))
        return fused


def fuse_layer(channels: Sequence[int], i: int, j: int) -> nn.Module:
    """Layers from branch j to the channels of branch i; upsampling, where j is the lower one, is left to the caller."""
    if j == i:
        return nn.Identity()
    if j > i:
        return nn.Sequential(*conv_norm(channels[j], channels[i], 1))
    steps = [nn.Sequential(*conv_norm(channels[j], channels[j], stride=2), nn.ReLU()) for _ in range(i - j - 1)]
    return nn.Sequential(*steps, nn.Sequential(*conv_norm(channels[j], channels[i], stride=2)))


class HRModule(nn.Module):
    """Basic blocks on each branch, then the exchange between branches."""

    def __init__(self, channels: Sequence[int], blocks: int, outputs: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(*(BasicBlock(count) for _ in range(blocks))) for count in channels)
        self.fuse_layers = Fuse(channels, outputs)

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        fused: list[Tensor] = self.fuse_layers([blocks(x) for blocks, x in zip(self.branches, branches, strict=True)])
        return fused


class Transition(nn.ModuleList):
    """From the branches of one stage to those of the next, which has a lower resolution more."""

    def __init__(self, before: Sequence[int], after: Sequence[int]) -> None:
        layers: list[nn.Module] = [
            nn.Identity() if old == new else nn.Sequential(*conv_norm(old, new), nn.ReLU())
            for old, new in zip(before, after, strict=False)
        ]
        # One step of stride 2 makes the new branch from the lowest; the outer Sequential is part of the stored names.
        layers.append(nn.Sequential(nn.Sequential(*conv_norm(before[-1], after[-1], stride=2), nn.ReLU())))
        super().__init__(layers)

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        return [layer(x) for layer, x in zip(self, [*branches, branches[-1]], strict=True)]


class HRNet(nn.Module):
    """The backbone: (N, 3, H, W) to features (N, channels[0], H/4, W/4)."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv_norm(3, STEM_CHANNELS, stride=2)
        self.conv2, self.bn2 = conv_norm(STEM_CHANNELS, STEM_CHANNELS, stride=2)
        width = Bottleneck.expansion * variant.bottleneck_channels
        inputs = [STEM_CHANNELS, *(width for _ in range(variant.bottlenecks - 1))]
        self.layer1 = nn.Sequential(*(Bottleneck(count, variant.bottleneck_channels) for count in inputs))
        before: Sequence[int] = (width,)
        for s, modules in enumerate(variant.modules):
            channels = variant.channels[: s + 2]
            self.add_module(f"transition{s + 1}", Transition(before, channels))
            # Of the very last module only the highest resolution is used.
            last_stage = s == len(variant.modules) - 1
            outputs = [1 if last_stage and m == modules - 1 else len(channels) for m in range(modules)]
            self.add_module(
                f"stage{s + 2}", nn.Sequential(*(HRModule(channels, variant.blocks, count) for count in outputs))
            )
            before = channels
        self.stages = len(variant.modules)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        branches: list[Tensor] = [self.layer1(x)]
        for s in range(self.stages):
            branches = self.get_submodule(f"transition{s + 1}")(branches)
            branches = self.get_submodule(f"stage{s + 2}")(branches)
        return branches[0]


VARIANTS = {
    "hrnet-w32": Variant(4, 64, modules=(1, 4, 3), blocks=4, channels=(32, 64, 128, 256)),
    "small-hrnet-w16": Variant(1, 32, modules=(1, 1, 1), blocks=2, channels=(16, 32, 64, 128)),
}


def build(name: str, keypoints: int) -> PoseNetwork:
    """A named variant with fresh weights."""
    variant = VARIANTS[name]
    backbone = HRNet(variant)
    backbone.apply(init_normal)
    return PoseNetwork(backbone, HeatmapHead(variant.channels[0], keypoints))
