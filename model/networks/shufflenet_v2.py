"""ShuffleNetV2 (Ma et al., ECCV 2018) with the head of Simple Baselines, under mmpose's parameter names."""

import torch.nn.functional as F
from torch import Tensor, nn

from model.networks.blocks import ConvBNAct, ShuffleUnit, depthwise_conv, shuffle_concat
from model.networks.pose_network import DeconvolutionHead, PoseNetwork, init_kaiming

STEM_CHANNELS = 24
FEATURES = 1024
STAGES = ((116, 4), (232, 8), (464, 4))
"""Channels and blocks; the first block of each stage has stride 2."""


class DownsamplingUnit(nn.Module):
    """Shuffle block at stride 2: both halves of the output see all channels of the input."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        half = out_channels // 2
        self.branch1 = nn.Sequential(depthwise_conv(in_channels, stride=2), ConvBNAct(in_channels, half))
        self.branch2 = nn.Sequential(
            ConvBNAct(in_channels, half), depthwise_conv(half, stride=2), ConvBNAct(half, half)
        )

    def forward(self, x: Tensor) -> Tensor:
        return shuffle_concat(self.branch1(x), self.branch2(x))


class ShuffleNetV2(nn.Module):
    """The backbone: (N, 3, H, W) to features (N, 1024, H/32, W/32)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvBNAct(3, STEM_CHANNELS, 3, stride=2)
        layers: list[nn.Module] = []
        before = STEM_CHANNELS
        for channels, blocks in STAGES:
            rest = (ShuffleUnit(channels) for _ in range(blocks - 1))
            layers.append(nn.Sequential(DownsamplingUnit(before, channels), *rest))
            before = channels
        self.layers = nn.Sequential(*layers, ConvBNAct(before, FEATURES))

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.layers(F.max_pool2d(self.conv1(x), 3, stride=2, padding=1))
        return features


def build(name: str, keypoints: int) -> PoseNetwork:
    """The one variant, width 1, with fresh weights."""
    backbone = ShuffleNetV2()
    backbone.apply(init_kaiming)
    return PoseNetwork(backbone, DeconvolutionHead(FEATURES, keypoints))
