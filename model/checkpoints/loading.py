"""Loading a weight file into a network: all of it or nothing."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from model.checkpoints.reading import read_checkpoint
from model.errors import CheckpointError
from model.networks import CONDITIONAL_NETWORKS, NETWORK_NAMES, ChannelWeights, build_network
from model.skeletons import SUPPORTED_KEYPOINTS, skeleton_of

_COUNTER = ".num_batches_tracked"
_LAST_BIAS = "head.final_layer.bias"
_MODULE_OF: dict[ChannelWeights, str] = {
    "cross_resolution_weights": ".cross_resolution_weighting.",
    "spatial_weights": ".spatial_weighting.",
}


def load_checkpoint(network: nn.Module, path: Path) -> None:
    """Replace a network's weights by those of a file; on error the network is as it was.

    Args:
        network: The network, on any device.
        path: A weight file of any format that `read_checkpoint` knows.

    Raises:
        CheckpointError: The file cannot be read, or does not fit the network; the message names the first tensor that
            is missing, of another shape, superfluous or not finite.
    """
    load_state(network, read_checkpoint(path), path)


def load_state(network: nn.Module, state: Mapping[str, Tensor], path: Path) -> None:
    """The same with what `read_checkpoint` has read from the file.

    Raises:
        CheckpointError: It does not fit the network.
    """
    misfit = _first_misfit(state, _shapes(network))
    if misfit is not None:
        raise CheckpointError(f"{path} does not fit the network: {misfit}; {_remedy(state)}")
    damaged = next((name for name, tensor in state.items() if not bool(torch.isfinite(tensor).all())), None)
    if damaged is not None:
        raise CheckpointError(f"{path} is damaged: {damaged} is not finite; fetch or train it again")
    network.load_state_dict(state, strict=False)  # but for counters, whose absence is no misfit


def identify_network(state: Mapping[str, Tensor]) -> tuple[str, int] | None:
    """The name and the number of keypoints of the network that a state dict belongs to; None where there is none.

    A network that was trained without one of its kinds of channel weights, or both, counts as that network.
    """
    keypoints = state[_LAST_BIAS].numel() if _LAST_BIAS in state else 0
    if keypoints == 0:
        return None
    for name in NETWORK_NAMES:
        if _first_misfit(state, _shapes_by_name(name, keypoints, left_out_weights(state, name))) is None:
            return name, keypoints
    return None


def left_out_weights(state: Mapping[str, Tensor], network: str) -> tuple[ChannelWeights, ...]:
    """Which kinds of channel weights a network was trained without (ablation), told by the names of a state dict."""
    if network not in CONDITIONAL_NETWORKS:
        return ()
    return tuple(kind for kind, module in _MODULE_OF.items() if not any(module in name for name in state))


@cache
def _shapes_by_name(name: str, keypoints: int, left_out: tuple[ChannelWeights, ...]) -> dict[str, torch.Size]:
    return _shapes(build_network(name, keypoints, **dict.fromkeys(left_out, False)))


def _shapes(network: nn.Module) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in network.state_dict().items()}


def _first_misfit(state: Mapping[str, Tensor], wanted: Mapping[str, torch.Size]) -> str | None:
    for name, shape in wanted.items():
        if name not in state:
            if name.endswith(_COUNTER):
                continue  # which files of PyTorch before 0.4.1 lack, and networks in use do without
            return f"{name} is missing"
        if state[name].shape != shape:
            return f"{name} is {_in_words(state[name].shape)} in the file, {_in_words(shape)} in the network"
    surplus = next((name for name in state if name not in wanted), None)
    return None if surplus is None else f"the network has no {surplus}"


def _in_words(shape: torch.Size) -> str:
    return "x".join(str(size) for size in shape) or "a single number"


def _remedy(state: Mapping[str, Tensor]) -> str:
    found = identify_network(state)
    if found is None:
        return f"it fits none of {', '.join(NETWORK_NAMES)}: give another file"
    fit = f"it fits {found[0]} with {found[1]} keypoints"
    if found[0] in CONDITIONAL_NETWORKS:
        switches = (
            f"{kind}: {'false' if kind in left_out_weights(state, found[0]) else 'true'}" for kind in _MODULE_OF
        )
        fit += f" and {', '.join(switches)}"
    try:
        skeleton_of(found[1])
    except ValueError:
        return f"{fit}, and only {SUPPORTED_KEYPOINTS} are supported; give another file"
    return f"{fit}: choose that network"
