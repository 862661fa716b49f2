"""MobileNetV2 (Sandler et al., CVPR 2018) with the head of Simple Baselines, under mmpose's parameter names."""

from torch import Tensor, nn

from model.networks.blocks import ConvBNAct
from model.networks.pose_network import DeconvolutionHead, PoseNetwork, init_kaiming

STEM_CHANNELS = 32
FEATURES = 1280

LAYERS = (
    # expansion, channels, blocks, stride of the first block
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


class InvertedResidual(nn.Module):
    """1x1 expansion, 3x3 depthwise and linear 1x1 convolution, with a shortcut where the shape stays.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        stride: Step of the depthwise convolution.
        expansion: How many times wider it is inside; 1 has no expanding convolution.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = expansion * in_channels
        layers = [
            ConvBNAct(inner, inner, 3, stride=stride, groups=inner, act=nn.ReLU6),
            ConvBNAct(inner, out_channels, act=None),
        ]
        if expansion != 1:
            layers.insert(0, ConvBNAct(in_channels, inner, act=nn.ReLU6))
        self.conv = nn.Sequential(*layers)
        self.shortcut = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(x)
        return x + out if self.shortcut else out


class MobileNetV2(nn.Module):
    """The backbone: (N, 3, H, W) to features (N, 1280, H/32, W/32)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvBNAct(3, STEM_CHANNELS, 3, stride=2, act=nn.ReLU6)
        before = STEM_CHANNELS
        for i, (expansion, channels, blocks, stride) in enumerate(LAYERS, start=1):
            first = InvertedResidual(before, channels, stride, expansion)
            rest = (InvertedResidual(channels, channels, 1, expansion) for _ in range(blocks - 1))
            self.add_module(f"layer{i}", nn.Sequential(first, *rest))
            before = channels
        self.conv2 = ConvBNAct(before, FEATURES, act=nn.ReLU6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        for i in range(1, len(LAYERS) + 1):
            x = self.get_submodule(f"layer{i}")(x)
        features: Tensor = self.conv2(x)
        return features


def build(name: str, keypoints: int) -> PoseNetwork:
    """The one variant, width 1, with fresh weights."""
    backbone = MobileNetV2()
    backbone.apply(init_kaiming)
    return PoseNetwork(backbone, DeconvolutionHead(FEATURES, keypoints))
