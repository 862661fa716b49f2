"""Starting a deeper Lite-HRNet from a trained shallower one.

What comes before the first added module is copied, and so are the transitions and the head. Later modules are fresh:
half of the channels pass a block as they are, blocks end in a shuffle and every exchange between branches doubles
branch 0, so that behind an added module channels have other places and scales, and a trained module does worse there
than a fresh one (docs/training.md has the figures). Added modules start with the last batch norms of their exchange at
zero (Goyal et al., arXiv:1706.02677, section 5.1), so that they pass on what they get before they add to it.
"""

import re
from pathlib import Path
from typing import cast

import torch
from torch import nn

from model.checkpoints import identify_network, load_checkpoint, read_checkpoint
from model.networks import build_network
from model.networks.lite_hrnet import HRModule, LiteHRNet
from model.networks.pose_network import PoseNetwork
from model.training.distillation import modules_per_stage

_MODULE = re.compile(r"backbone\.stage(\d+)\.")


def start_from(network: nn.Module, path: Path) -> None:
    """Load weights of a network into it, or grow them where they are those of a shallower one of its family.

    Args:
        network: What is to be trained.
        path: A weight file of any format.

    Raises:
        CheckpointError: The file cannot be read, or fits neither the network nor a shallower one.
    """
    shallower = _shallower(network, path)
    if shallower is None:
        load_checkpoint(network, path)
    else:
        _grow(cast(PoseNetwork, network), shallower)


def _shallower(network: nn.Module, path: Path) -> PoseNetwork | None:
    """The network that the file belongs to, with its weights, where `network` is the same with more modules."""
    if not isinstance(network, PoseNetwork) or not isinstance(network.backbone, LiteHRNet):
        return None
    found = identify_network(read_checkpoint(path))
    if found is None:
        return None
    other = cast(PoseNetwork, build_network(*found))
    if not isinstance(other.backbone, LiteHRNet) or not _differ_in_modules_alone(network, other):
        return None
    load_checkpoint(other, path)
    return other


def _differ_in_modules_alone(deeper: PoseNetwork, shallower: PoseNetwork) -> bool:
    counts = zip(modules_per_stage(deeper), modules_per_stage(shallower), strict=True)
    shapes = {name: tensor.shape for name, tensor in deeper.state_dict().items()}
    fits = all(shapes.get(name) == tensor.shape for name, tensor in shallower.state_dict().items())
    return fits and all(more >= fewer for more, fewer in counts) and len(shapes) > len(shallower.state_dict())


def _grow(network: PoseNetwork, shallower: PoseNetwork) -> None:
    state = network.state_dict()
    deep, shallow = modules_per_stage(network), modules_per_stage(shallower)
    first_added = next(stage for stage, (more, fewer) in enumerate(zip(deep, shallow, strict=True)) if more > fewer)
    for name, tensor in shallower.state_dict().items():
        inside = _MODULE.match(name)
        if inside is None or int(inside[1]) <= first_added:
            state[name].copy_(tensor)
    with torch.no_grad():
        for stage, fewer in enumerate(shallow):
            modules = cast(LiteHRNet, network.backbone).get_submodule(f"stage{stage}")
            for added in list(cast(nn.Sequential, modules))[fewer:]:
                _quiet(cast(HRModule, added))


def _quiet(module: HRModule) -> None:
    for i, layers in enumerate(module.fuse_layers):
        for j, layer in enumerate(cast(nn.ModuleList, layers)):
            if j != i:
                last = [part for part in layer.modules() if isinstance(part, nn.BatchNorm2d)][-1]
                nn.init.zeros_(last.weight)
