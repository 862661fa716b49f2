"""The networks by name; building one imports PyTorch, listing them does not."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from model.errors import ConfigError

if TYPE_CHECKING:
    from torch import nn

_MODULES = {
    "lite-hrnet-18": "lite_hrnet",
    "lite-hrnet-30": "lite_hrnet",
    "naive-lite-hrnet-18": "lite_hrnet",
    "wider-naive-lite-hrnet-18": "lite_hrnet",
}

NETWORK_NAMES = tuple(_MODULES)


def build_network(name: str, keypoints: int = 17) -> nn.Module:
    """A pose network with freshly initialised weights, in training mode.

    Args:
        name: One of NETWORK_NAMES.
        keypoints: How many heatmaps come out.

    Returns:
        A module from (N, 3, H, W) normalised RGB to heatmaps (N, keypoints, H/4, W/4).

    Raises:
        ConfigError: No network has this name.
    """
    if name not in _MODULES:
        raise ConfigError(f"no network is named {name!r}; choose one of {', '.join(NETWORK_NAMES)}")
    network: nn.Module = import_module(f"model.networks.{_MODULES[name]}").build(name, keypoints)
    return network
