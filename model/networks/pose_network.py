"""What every pose network shares: a backbone, a head that makes heatmaps, and the sizes that they take."""

import torch
from torch import Tensor, nn

from model.input_size import INPUT_MULTIPLE


class PoseNetwork(nn.Module):
    """A backbone and a heatmap head under the names that mmpose's checkpoints use.

    Args:
        backbone: From (N, 3, H, W) to features.
        head: From features to (N, K, H/4, W/4).
    """

    def __init__(self, backbone: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        """Heatmaps of crops.

        Args:
            x: (N, 3, H, W) RGB, normalised; H and W are multiples of 32. On a CPU the channels-last layout is the
                faster one.

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


class HeatmapHead(nn.Module):
    """1x1 convolution from features to one heatmap a keypoint."""

    def __init__(self, channels: int, keypoints: int) -> None:
        super().__init__()
        self.final_layer = nn.Conv2d(channels, keypoints, 1)
        self.apply(init_normal)

    def forward(self, x: Tensor) -> Tensor:
        heatmaps: Tensor = self.final_layer(x)
        return heatmaps


class DeconvolutionHead(nn.Module):
    """Three 4x4 deconvolutions of stride 2, then the heatmaps: the head of Simple Baselines (Xiao et al., ECCV 2018).

    It takes features at 1/32 of the input to heatmaps at 1/4.

    Args:
        channels: Channels of the features.
        keypoints: How many heatmaps come out.
        width: Channels of each deconvolution.
    """

    def __init__(self, channels: int, keypoints: int, width: int = 256) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for in_channels in (channels, width, width):
            layers += [
                nn.ConvTranspose2d(in_channels, width, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            ]
        self.deconv_layers = nn.Sequential(*layers)
        self.final_layer = nn.Conv2d(width, keypoints, 1)
        self.apply(init_normal)

    def forward(self, x: Tensor) -> Tensor:
        heatmaps: Tensor = self.final_layer(self.deconv_layers(x))
        return heatmaps


def init_normal(module: nn.Module) -> None:
    """Weights of a convolution from a normal distribution of deviation 0.001, biases zero; for `nn.Module.apply`.

    Batch norm keeps weight 1 and bias 0: together the recipe of HRNet and Lite-HRNet.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, std=0.001)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def init_kaiming(module: nn.Module) -> None:
    """Weights of a convolution as He et al. (ICCV 2015) draw them, by fan-out; for `nn.Module.apply`."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def is_tracing() -> bool:
    """Whether a graph is being recorded for export."""
    return torch.compiler.is_exporting() or bool(torch.jit.is_tracing())  # type: ignore[attr-defined, no-untyped-call]
