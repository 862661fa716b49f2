"""The networks by name; building one imports PyTorch, listing them does not."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal

from model.errors import ConfigError

if TYPE_CHECKING:
    from torch import nn

_MODULES = {
    "lite-hrnet-18": "lite_hrnet",
    "lite-hrnet-30": "lite_hrnet",
    "naive-lite-hrnet-18": "lite_hrnet",
    "wider-naive-lite-hrnet-18": "lite_hrnet",
    "small-hrnet-w16": "hrnet",
    "hrnet-w32": "hrnet",
    "mobilenet-v2": "mobilenet_v2",
    "shufflenet-v2": "shufflenet_v2",
}

NETWORK_NAMES = tuple(_MODULES)
CONDITIONAL_NETWORKS = ("lite-hrnet-18", "lite-hrnet-30")
"""Those with conditional channel weighting, whose two kinds of weights can be left out."""

PERSON_DETECTOR: Final = "person-detector"
"""The name of this project's detector, `model.networks.person_detector`, which finds people and no keypoints."""

ChannelWeights = Literal["cross_resolution_weights", "spatial_weights"]


def build_network(
    name: str, keypoints: int = 17, *, cross_resolution_weights: bool = True, spatial_weights: bool = True
) -> nn.Module:
    """A pose network with freshly initialised weights, in training mode.

    Args:
        name: One of NETWORK_NAMES.
        keypoints: How many heatmaps come out.
        cross_resolution_weights: False leaves them out of a network with conditional channel weighting (ablation).
        spatial_weights: False leaves them out of a network with conditional channel weighting (ablation).

    Returns:
        A module from (N, 3, H, W) normalised RGB to heatmaps (N, keypoints, H/4, W/4).

    Raises:
        ConfigError: No network has this name, or the network has no such weights to leave out.
    """
    if name not in _MODULES:
        raise ConfigError(f"no network is named {name!r}; choose one of {', '.join(NETWORK_NAMES)}")
    ablation = {"cross_resolution_weights": cross_resolution_weights, "spatial_weights": spatial_weights}
    left_out = {switch: on for switch, on in ablation.items() if not on}
    if left_out and name not in CONDITIONAL_NETWORKS:
        raise ConfigError(
            f"{name} has no {' or '.join(left_out)} to switch off; only {' and '.join(CONDITIONAL_NETWORKS)} have"
        )
    network: nn.Module = import_module(f"model.networks.{_MODULES[name]}").build(name, keypoints, **left_out)
    return network
