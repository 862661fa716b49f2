"""Counts mmpose's own networks for docs/networks.md, which says what environment this needs."""

import importlib
import sys
import types
from pathlib import Path

import mmpose
import torch
from fvcore.nn import FlopCountAnalysis
from ptflops import get_model_complexity_info
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

SIZE = (3, 256, 192)


def backbones(file: str) -> types.ModuleType:
    """A file of mmpose's, without the `__init__` of the packages it lies in, which need far more."""
    for folder in ("models", "models/backbones"):
        package = types.ModuleType("mmpose." + folder.replace("/", "."))
        package.__path__ = [str(Path(mmpose.__file__).parent / folder)]
        sys.modules.setdefault(package.__name__, package)
    return importlib.import_module(f"mmpose.models.backbones.{file}")


def lite_hrnet(modules: tuple[int, ...], width: int, kind: str) -> nn.Module:
    stages = {
        "num_modules": modules,
        "num_branches": (2, 3, 4),
        "num_blocks": (2, 2, 2),
        "module_type": (kind,) * 3,
        "with_fuse": (True,) * 3,
        "reduce_ratios": (8, 8, 8),
        "num_channels": tuple(tuple(width * 2**i for i in range(branches)) for branches in (2, 3, 4)),
    }
    stem = {"stem_channels": 32, "out_channels": 32, "expand_ratio": 1}
    extra = {"stem": stem, "num_stages": 3, "stages_spec": stages, "with_head": True}
    return Pose(backbones("litehrnet").LiteHRNet(extra), width, deconvolutions=0)


def hrnet(width: int, bottlenecks: int, inner: int, modules: tuple[int, ...], blocks: int) -> nn.Module:
    first = {"num_blocks": (bottlenecks,), "num_channels": (inner,), "block": "BOTTLENECK"}
    extra = {"stage1": first | {"num_modules": 1, "num_branches": 1}}
    for branches, count in zip((2, 3, 4), modules, strict=True):
        extra[f"stage{branches}"] = {
            "num_modules": count,
            "num_branches": branches,
            "block": "BASIC",
            "num_blocks": (blocks,) * branches,
            "num_channels": tuple(width * 2**i for i in range(branches)),
        }
    return Pose(backbones("hrnet").HRNet(extra), width, deconvolutions=0)


class Pose(nn.Module):
    """A backbone and the layers of mmpose's HeatmapHead, as in its td-hm_*_coco-256x192.py."""

    def __init__(self, backbone: nn.Module, channels: int, deconvolutions: int) -> None:
        super().__init__()
        self.backbone, self.head = backbone, nn.Sequential()
        for _ in range(deconvolutions):
            self.head.append(nn.ConvTranspose2d(channels, 256, 4, 2, 1, bias=False))
            self.head.append(nn.BatchNorm2d(256)).append(nn.ReLU())
            channels = 256
        self.head.append(nn.Conv2d(channels, 17, 1))

    def forward(self, x: Tensor) -> Tensor:
        features = self.backbone(x)
        return self.head(features[0] if isinstance(features, list | tuple) else features)


def once_a_layer(network: nn.Module) -> int:
    """Multiply-adds of convolutions, each layer at its first call alone."""
    counts: dict[nn.Module, int] = {}

    def note(layer: nn.Module, given: tuple[Tensor], made: Tensor) -> None:
        positions = given[0] if isinstance(layer, nn.ConvTranspose2d) else made
        counts.setdefault(layer, positions.numel() * layer.weight[0].numel())

    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    with torch.no_grad():
        network(torch.zeros(1, *SIZE))
    for hook in hooks:
        hook.remove()
    return sum(counts.values())


NETWORKS = {
    "lite-hrnet-18": lite_hrnet((2, 4, 2), 40, "LITE"),
    "lite-hrnet-30": lite_hrnet((3, 8, 3), 40, "LITE"),
    "naive-lite-hrnet-18": lite_hrnet((2, 4, 2), 30, "NAIVE"),
    "wider-naive-lite-hrnet-18": lite_hrnet((2, 4, 2), 40, "NAIVE"),
    "small-hrnet-w16": hrnet(16, 1, 32, (1, 1, 1), 2),
    "hrnet-w32": hrnet(32, 4, 64, (1, 4, 3), 4),
    "mobilenet-v2": Pose(backbones("mobilenet_v2").MobileNetV2(), 1280, deconvolutions=3),
    "shufflenet-v2": Pose(backbones("shufflenet_v2").ShuffleNetV2(), 1024, deconvolutions=3),
}

print(f"{'millions of multiply-adds':26} parameters    torch     once   fvcore    total     aten  pytorch")
for name, network in NETWORKS.items():
    network.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, *SIZE))
    fvcore = FlopCountAnalysis(network, torch.zeros(1, *SIZE)).unsupported_ops_warnings(False)
    ptflops = [
        get_model_complexity_info(network, SIZE, as_strings=False, print_per_layer_stat=False, backend=backend)[0]
        for backend in ("aten", "pytorch")
    ]
    counts = [counter.get_total_flops() / 2, once_a_layer(network), fvcore.by_operator()["conv"], fvcore.total()]
    parameters = sum(parameter.numel() for parameter in network.parameters())
    print(f"{name:26} {parameters:10,}", *(f"{count / 1e6:8.2f}" for count in counts + ptflops))
