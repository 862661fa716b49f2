"""An anchor-free detector of people on a ShuffleNetV2 trunk.

Every cell of three grids (strides 8, 16 and 32) says how sure it is of a person, and how far the person's left, top,
right and bottom edges are from the cell's centre. Each distance is the mean of a distribution over 0..7 strides.

Legend: N pictures of H x W pixels; A cells, those of stride 8 first, row by row; B = 8 bins of a distribution.
Sources: the trunk is that of ShuffleNetV2 (Ma et al., ECCV 2018), the distributions are those of Generalized Focal Loss
(Li et al., NeurIPS 2020), grids and channels those of PP-PicoDet (Yu et al., arXiv:2111.00902), from which it learns.
"""

import math
from typing import NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.networks.blocks import ConvBNAct, DepthwiseSeparableConv, ShuffleUnit, upsample_nearest
from model.networks.pose_network import init_kaiming
from model.networks.shufflenet_v2 import DownsamplingUnit

STRIDES = (8, 16, 32)
BINS = 8
"""Distances of 0, 1, ..., 7 strides."""

TRUNK_CHANNELS = (96, 192, 384)
WIDTH = 96
"""Channels of the neck and of the heads."""

_STEM_CHANNELS = 24
_TRUNK_BLOCKS = (4, 8, 4)
_PRIOR = 0.01  # score of a fresh network everywhere, so that the many empty cells do not swamp the first steps


class DenseOutput(NamedTuple):
    """What the network says of every cell.

    Attributes:
        logits: (N, A), before the sigmoid.
        bins: (N, 4, B, A) logits of the distances to the left, top, right and bottom edges, in strides; cells last, as
            convolutions leave them.
    """

    logits: Tensor
    bins: Tensor


class Features(NamedTuple):
    """Maps (N, C, H/s, W/s) at the three strides s: the trunk's, and the neck's made of them."""

    trunk: list[Tensor]
    neck: list[Tensor]


class _Head(nn.Module):
    """One grid's answer: two separable convolutions, then a linear one to a logit and four distributions."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(DepthwiseSeparableConv(WIDTH, WIDTH), DepthwiseSeparableConv(WIDTH, WIDTH))
        self.score = nn.Conv2d(WIDTH, 1, 1)
        self.distances = nn.Conv2d(WIDTH, 4 * BINS, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.layers(x)
        return self.score(x).flatten(1), self.distances(x).flatten(2).unflatten(1, (4, BINS))


class PersonDetector(nn.Module):
    """The network; in evaluation mode it gives boxes, in training mode what the losses need."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvBNAct(3, _STEM_CHANNELS, 3, stride=2)
        self.stages = nn.ModuleList()
        before = _STEM_CHANNELS
        for channels, blocks in zip(TRUNK_CHANNELS, _TRUNK_BLOCKS, strict=True):
            units = (ShuffleUnit(channels) for _ in range(blocks - 1))
            self.stages.append(nn.Sequential(DownsamplingUnit(before, channels), *units))
            before = channels
        self.laterals = nn.ModuleList(ConvBNAct(channels, WIDTH) for channels in TRUNK_CHANNELS)
        self.rising = nn.ModuleList(_exchange() for _ in range(2))
        self.falling = nn.ModuleList(_exchange() for _ in range(2))
        self.reduce = nn.ModuleList(_reduce() for _ in range(2))
        self.heads = nn.ModuleList(_Head() for _ in STRIDES)
        self.apply(init_kaiming)
        for head in self.heads:
            assert isinstance(head, _Head)
            assert head.score.bias is not None
            nn.init.normal_(head.score.weight, std=0.01)
            nn.init.constant_(head.score.bias, math.log(_PRIOR / (1 - _PRIOR)))
            nn.init.normal_(head.distances.weight, std=0.01)

    def forward(self, images: Tensor) -> Tensor:
        """Boxes and scores of every cell.

        Args:
            images: (N, 3, H, W) RGB, normalised; H and W are multiples of 32.

        Returns:
            (N, A, 5): x1, y1, x2, y2 in pixels of the picture, and the score, 0..1.
        """
        output = self.dense(self.features(images))
        points = cell_points(images.shape[-2], images.shape[-1], images)
        return torch.cat([_edges(output.bins, points), output.logits.sigmoid()[:, None]], dim=1).transpose(1, 2)

    def features(self, images: Tensor) -> Features:
        """The maps from which the heads answer, and those of the trunk."""
        x = F.max_pool2d(self.stem(images), 3, stride=2, padding=1)
        trunk = []
        for stage in self.stages:
            x = stage(x)
            trunk.append(x)
        p8, p16, p32 = (lateral(x) for lateral, x in zip(self.laterals, trunk, strict=True))
        p16 = self.rising[0](p16 + upsample_nearest(p32, 1))
        p8 = self.rising[1](p8 + upsample_nearest(p16, 1))
        p16 = self.falling[0](p16 + self.reduce[0](p8))
        p32 = self.falling[1](p32 + self.reduce[1](p16))
        return Features(trunk, [p8, p16, p32])

    def pad_stem(self, multiple: int) -> None:
        """Give the stem channels of zeros up to a multiple, which change no answer; batch norms must be folded.

        Runtimes compute in blocks of channels, and leave their layout where a map does not fill them.
        """
        unit = cast(nn.Sequential, self.stages[0])[0]
        assert isinstance(unit, DownsamplingUnit)
        depthwise, *readers = (cast(ConvBNAct, part) for part in (*unit.branch1, unit.branch2[0]))
        missing = -self.stem.conv.out_channels % multiple
        _pad_channels(self.stem.conv, 0, missing)
        _pad_channels(depthwise.conv, 0, missing)
        for reader in readers:
            _pad_channels(reader.conv, missing, 0)

    def dense(self, features: Features) -> DenseOutput:
        """What the heads say of every cell."""
        answers = [head(x) for head, x in zip(self.heads, features.neck, strict=True)]
        return DenseOutput(*(torch.cat(parts, dim=-1) for parts in zip(*answers, strict=True)))


def _exchange() -> nn.Module:
    """What follows a sum of two strides' maps."""
    return nn.Sequential(ShuffleUnit(WIDTH), ShuffleUnit(WIDTH))


def _reduce() -> nn.Module:
    """Half of the height and width."""
    return nn.Sequential(ConvBNAct(WIDTH, WIDTH, 3, stride=2, groups=WIDTH, act=None), ConvBNAct(WIDTH, WIDTH))


def _pad_channels(conv: nn.Conv2d, inputs: int, outputs: int) -> None:
    """Let a convolution take and give more channels, of zeros; a depthwise one takes as many as it gives."""
    assert conv.bias is not None
    conv.weight = nn.Parameter(F.pad(conv.weight, (0, 0, 0, 0, 0, inputs, 0, outputs)))
    conv.bias = nn.Parameter(F.pad(conv.bias, (0, outputs)))
    if conv.groups > 1:
        conv.groups += outputs
        inputs = outputs
    conv.in_channels += inputs
    conv.out_channels += outputs


def grid_sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Rows and columns of each stride's grid for a picture whose sides are multiples of 32."""
    return [(height // stride, width // stride) for stride in STRIDES]


def _count(number: int, like: Tensor) -> Tensor:
    """0, 1, 2, ... float32 (number,), where another tensor lies; arange would tie a traced network to one device."""
    nothing = like[(slice(0),) * like.ndim]  # for there may be no element, and a view copies none
    one = torch.ones_like(nothing.sum()).float()
    return one.expand(number).cumsum(0) - 1


def cell_points(height: int, width: int, like: Tensor) -> Tensor:
    """(A, 3) float32: the x and y of each cell's centre in pixels of the picture, and its stride.

    Args:
        height: Of the picture; a multiple of 32.
        width: The same.
        like: A tensor on the device where the points are wanted.
    """
    parts = []
    for stride, (rows, columns) in zip(STRIDES, grid_sizes(height, width), strict=True):
        y = (_count(rows, like) + 0.5) * stride
        x = (_count(columns, like) + 0.5) * stride
        grid_x, grid_y = x[None].expand(rows, columns), y[:, None].expand(rows, columns)
        points = torch.stack((grid_x, grid_y, torch.full_like(grid_x, stride)), dim=-1)
        parts.append(points.reshape(rows * columns, 3))
    return torch.cat(parts)


def decode_boxes(bins: Tensor, points: Tensor) -> Tensor:
    """Boxes of distributions of distances.

    Args:
        bins: (N, 4, B, A) logits.
        points: (A, 3) from `cell_points`.

    Returns:
        (N, A, 4) x1, y1, x2, y2 in pixels.
    """
    with torch.autocast(bins.device.type, enabled=False):  # which would take the product in 16 bits
        return _edges(bins, points).transpose(1, 2)


def _edges(bins: Tensor, points: Tensor) -> Tensor:
    """(N, 4, A) what `decode_boxes` gives, cells last."""
    # The mean of a softmax in one product, since a softmax over eight values that lie apart is slow in every runtime.
    bins = bins.float()
    shares = (bins - bins.detach().amax(dim=2, keepdim=True)).exp()
    count = _count(BINS, bins)
    sums = torch.stack((count, torch.ones_like(count))) @ shares  # (N, 4, 2, A)
    x_y_stride = points.T
    distances = sums[:, :, 0] / sums[:, :, 1] * x_y_stride[2]
    return torch.cat((x_y_stride[:2] - distances[:, :2], x_y_stride[:2] + distances[:, 2:]), dim=1)


def build_detector() -> PersonDetector:
    """The one variant, with fresh weights, in training mode."""
    return PersonDetector()
