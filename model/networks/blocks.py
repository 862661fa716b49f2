"""Building blocks of Lite-HRNet (Yu et al., CVPR 2021), each with the parameter names of the published checkpoints.

Shapes are (N, C, H, W): N crops in a batch, C channels. A multi-resolution block takes and returns a list of branches;
branch s has 1 / 2^s of the height and width of branch 0.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.networks.pose_network import is_tracing


class ConvBNAct(nn.Module):
    """Convolution, batch norm, activation; the convolution has a bias only where no norm follows.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: Odd side of the kernel; the padding keeps the size at stride 1.
        stride: Step of the convolution.
        groups: Groups of channels; equal to both channel counts in a depthwise convolution.
        norm: Whether batch norm follows.
        act: The activation's class, None for a linear output.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 1,
        *,
        stride: int = 1,
        groups: int = 1,
        norm: bool = True,
        act: type[nn.Module] | None = nn.ReLU,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride, kernel_size // 2, groups=groups, bias=not norm
        )
        self.bn = nn.BatchNorm2d(out_channels) if norm else nn.Identity()
        self.activate = nn.Identity() if act is None else act()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activate(self.bn(self.conv(x)))
        return out


def depthwise_conv(channels: int, *, stride: int = 1) -> ConvBNAct:
    """3x3 depthwise convolution with batch norm and no activation."""
    return ConvBNAct(channels, channels, 3, stride=stride, groups=channels, act=None)


class DepthwiseSeparableConv(nn.Module):
    """3x3 depthwise convolution with batch norm, then 1x1 convolution with batch norm and ReLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.depthwise_conv = depthwise_conv(in_channels)
        self.pointwise_conv = ConvBNAct(in_channels, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.pointwise_conv(self.depthwise_conv(x))
        return out


def shuffle_concat(first: Tensor, second: Tensor) -> Tensor:
    """Channel shuffle with two groups of the concatenation of two equally shaped tensors.

    The channels interleave, first[0], second[0], first[1], ...: one copy where concatenating and shuffling take two.
    """
    # Channels last stay so, or every block would pay for two changes of layout. Exported graphs have their own layout.
    if first.stride(1) == 1 and not is_tracing():
        last = torch.stack((first.permute(0, 2, 3, 1), second.permute(0, 2, 3, 1)), dim=-1).flatten(-2)
        return last.permute(0, 3, 1, 2)
    return torch.stack((first, second), dim=2).flatten(1, 2)


class ShuffleUnit(nn.Module):
    """Shuffle block at stride 1 (ShuffleNetV2): half of the channels pass a 1x1, a 3x3 depthwise and a 1x1 convolution.

    Args:
        channels: Even number of channels, of the input and of the output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = self.split_size = channels // 2
        self.branch2 = nn.Sequential(ConvBNAct(half, half), depthwise_conv(half), ConvBNAct(half, half))

    def forward(self, x: Tensor) -> Tensor:
        untouched, processed = torch.split(x, self.split_size, dim=1)
        return shuffle_concat(untouched, self.branch2(processed))


class SpatialWeighting(nn.Module):
    """Spatial weights, the paper's F: each channel times sigmoid(W2 relu(W1 mean(x))), its mean over all positions.

    Args:
        channels: Channels of the input and of the output.
        reduction: What the channels are divided by inside.
    """

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        self.conv1 = ConvBNAct(channels, channels // reduction, norm=False)
        self.conv2 = ConvBNAct(channels // reduction, channels, norm=False, act=nn.Sigmoid)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x * self.conv2(self.conv1(F.adaptive_avg_pool2d(x, 1)))
        return out


class CrossResolutionWeighting(nn.Module):
    """Cross-resolution weights, the paper's H: a weight map for each branch, computed from all of them.

    All branches are averaged down to the lowest resolution and concatenated; two 1x1 convolutions and a sigmoid make
    the maps there, which are raised again to their branches and multiplied with them.

    Args:
        channels: Channels of each branch.
        reduction: What the sum of channels is divided by inside.
    """

    def __init__(self, channels: Sequence[int], reduction: int = 8) -> None:
        super().__init__()
        self.channels = list(channels)
        total = sum(channels)
        self.conv1 = ConvBNAct(total, total // reduction)
        self.conv2 = ConvBNAct(total // reduction, total, act=nn.Sigmoid)

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        return self.weigh(branches, self.conv2(self.conv1(self.pooled(branches))))

    def pooled(self, branches: list[Tensor]) -> Tensor:
        """All branches at the lowest resolution, (N, sum of channels, H, W)."""
        # The ratios between branches are known, so fixed kernels stand for adaptive pooling, which exports badly.
        last = len(branches) - 1
        averaged = [F.avg_pool2d(x, 2 ** (last - s)) for s, x in enumerate(branches[:-1])]
        return torch.cat([*averaged, branches[-1]], dim=1)

    def weigh(self, branches: list[Tensor], maps: Tensor) -> list[Tensor]:
        """Branches times their weights, of which `maps` has those of all branches at the lowest resolution."""
        last = len(branches) - 1
        weights = [
            upsample_nearest(weight, last - s) for s, weight in enumerate(torch.split(maps, self.channels, dim=1))
        ]
        return [x * weight for x, weight in zip(branches, weights, strict=True)]


class ConditionalChannelWeighting(nn.Module):
    """Conditional channel weighting: a shuffle block with cross-resolution and spatial weights for 1x1 convolutions.

    On half of the channels of each branch: H, 3x3 depthwise convolution, F; then the halves are shuffled.

    Args:
        channels: Even number of channels of each branch.
        cross_resolution_weights: False leaves out the weights computed across resolutions (ablation).
        spatial_weights: False leaves out the weights computed within each resolution (ablation).
    """

    def __init__(
        self, channels: Sequence[int], *, cross_resolution_weights: bool = True, spatial_weights: bool = True
    ) -> None:
        super().__init__()
        halves = self.split_sizes = [count // 2 for count in channels]
        self.cross_resolution_weighting = (
            CrossResolutionWeighting(halves) if cross_resolution_weights else nn.Identity()
        )
        self.depthwise_convs = nn.ModuleList(depthwise_conv(half) for half in halves)
        self.spatial_weighting = nn.ModuleList(
            SpatialWeighting(half) if spatial_weights else nn.Identity() for half in halves
        )

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        halves = [torch.split(x, half, dim=1) for half, x in zip(self.split_sizes, branches, strict=True)]
        processed = self.cross_resolution_weighting([second for _, second in halves])
        processed = [conv(x) for conv, x in zip(self.depthwise_convs, processed, strict=True)]
        processed = [weighting(x) for weighting, x in zip(self.spatial_weighting, processed, strict=True)]
        return [shuffle_concat(first, x) for (first, _), x in zip(halves, processed, strict=True)]


def upsample_nearest(x: Tensor, doublings: int) -> Tensor:
    """Repeat each value over a square of 2^doublings on a side."""
    return x if doublings == 0 else F.interpolate(x, scale_factor=2**doublings, mode="nearest")


def sum_rising(maps: list[Tensor]) -> Tensor:
    """Sum at the size of the first map, each of the others having half the height and width of the one before.

    Equal to upsampling each by itself, since doubling twice is upsampling by four; but all additions save one are done
    at lower resolutions.
    """
    total = maps[-1]
    for higher in reversed(maps[:-1]):
        total = higher + upsample_nearest(total, 1)
    return total


def separable_layers(in_channels: int, out_channels: int, *, stride: int = 1, relu: bool = True) -> nn.Sequential:
    """3x3 depthwise convolution, batch norm, 1x1 convolution, batch norm and, if asked, ReLU, with indices as names."""
    layers: list[nn.Module] = [
        nn.Conv2d(in_channels, in_channels, 3, stride, 1, groups=in_channels, bias=False),
        nn.BatchNorm2d(in_channels),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
    ]
    return nn.Sequential(*layers, nn.ReLU()) if relu else nn.Sequential(*layers)


class FuseLayers(nn.ModuleList):
    """Exchange between the branches at the end of a module: `self[i][j]` takes branch j to the shape of branch i.

    Unlike HRNet's plain sum, with out_j the branches and f_ij these layers,

        y_0 = 2 out_0 + sum_{j > 0} f_0j(out_j)
        y_i = 2 f_i0(y_0) + out_i + sum_{j not in 0, i} f_ij(out_j)

    and the result is ReLU(y). The original code adds branch 0 twice and in place, so that y_0 stands for out_0 from
    there on; its trained weights rely on that.
    """

    def __init__(self, channels: Sequence[int]) -> None:
        count = len(channels)
        super().__init__(nn.ModuleList(fuse_layer(channels, i, j) for j in range(count)) for i in range(count))

    def forward(self, branches: list[Tensor]) -> list[Tensor]:
        sums: list[Tensor] = []
        for i in range(len(self)):
            sums.append(self.sum_at(i, branches, self.carried_to(i, branches, sums)))
        return [F.relu(y) for y in sums]

    def carried_to(self, i: int, branches: list[Tensor], sums: list[Tensor]) -> dict[int, Tensor]:
        """What each other branch j contributes to branch i, f_ij of it, with the sums y before branch i."""
        layers = self[i]
        assert isinstance(layers, nn.ModuleList)
        return {j: layers[j](source_of(i, j, branches, sums)) for j in range(len(branches)) if j != i}

    def sum_at(self, i: int, branches: list[Tensor], carried: dict[int, Tensor]) -> Tensor:
        """y_i from what the other branches contribute."""
        y = branches[0] + branches[0] if i == 0 else torch.add(branches[i], carried[0], alpha=2)
        for j in range(1, i):
            y = y + carried[j]
        return sum_rising([y, *(carried[j] for j in range(i + 1, len(branches)))])


def source_of(i: int, j: int, branches: list[Tensor], sums: list[Tensor]) -> Tensor:
    """What an exchange takes from branch j for branch i: the branch, of branch 0 its sum where that is made."""
    return sums[0] if j == 0 and i > 0 else branches[j]


def fuse_layer(channels: Sequence[int], i: int, j: int) -> nn.Module:
    """Layers from branch j to the channels of branch i; upsampling, where j is the lower one, is left to the caller."""
    if j == i:
        return nn.Identity()
    if j > i:
        return nn.Sequential(nn.Conv2d(channels[j], channels[i], 1, bias=False), nn.BatchNorm2d(channels[i]))
    steps = [separable_layers(channels[j], channels[j], stride=2) for _ in range(i - j - 1)]
    return nn.Sequential(*steps, separable_layers(channels[j], channels[i], stride=2, relu=False))
