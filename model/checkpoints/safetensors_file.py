"""The project's own weight files: safetensors, with the network's name and more as metadata."""

import json
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from model.errors import CheckpointError

_LENGTH_BYTES = 8


def recognises(content: bytes) -> bool:
    """Whether this is a safetensors file: the header's length in eight bytes, then the header in JSON."""
    return content[_LENGTH_BYTES : _LENGTH_BYTES + 1] == b"{"


def read(content: bytes, path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file.

    Args:
        content: The file's bytes.
        path: Where they come from, for messages.

    Raises:
        CheckpointError: The file is damaged or cut short.
    """
    try:
        return safetensors.torch.load(content)
    except (SafetensorError, KeyError, ValueError) as error:
        raise CheckpointError(
            f"cannot read {path}: damaged or cut short ({_first_line(error)}); fetch or copy it again"
        ) from error


def read_metadata(path: Path) -> dict[str, str]:
    """What `save_safetensors` was given as metadata; empty where the file has none.

    Raises:
        CheckpointError: The file is absent, damaged or not safetensors.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            if length > path.stat().st_size:
                raise CheckpointError(
                    f"cannot read {path}: not a safetensors file, or cut short; fetch or copy it again"
                )
            header = json.loads(file.read(length))
        return {str(key): str(value) for key, value in header.get("__metadata__", {}).items()}
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror}; check the path and its permissions") from error
    except (ValueError, AttributeError) as error:
        raise CheckpointError(
            f"cannot read {path}: not a safetensors file, or cut short; fetch or copy it again"
        ) from error


def save_safetensors(
    state: Mapping[str, Tensor], path: Path, metadata: Mapping[str, str], *, half: bool = False
) -> None:
    """Write a state dict, whole or not at all.

    Args:
        state: Tensors by name.
        path: The file, replaced if it exists.
        metadata: Stored beside them: network, keypoints, input_size and whatever else tells where they come from.
        half: Store convolution weights in 16 bits. Biases and batch-norm statistics stay in 32: they are few, and a
            variance can leave the range of 16.

    Raises:
        CheckpointError: The file cannot be written.
    """
    tensors = {
        name: (tensor.half() if half and tensor.ndim == 4 else tensor).detach().cpu().contiguous()
        for name, tensor in state.items()
    }
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(safetensors.torch.save(tensors, dict(metadata)))
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise CheckpointError(f"cannot write {path}: {error.strerror}; check the folder and the space left") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
