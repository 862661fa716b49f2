"""Reading a weight file of any known format; the content decides which it is, not the file's name."""

from pathlib import Path
from typing import Literal

from torch import Tensor

from model.checkpoints import ncnn_file, pytorch_file, safetensors_file
from model.errors import CheckpointError


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """The state dict in a weight file, under the names of our networks.

    Args:
        path: A .safetensors file, a PyTorch .pth (mmpose's, or a plain state dict), or either file of an ncnn
            .param and .bin pair.

    Returns:
        Tensors by name, floating ones in float32, on the CPU.

    Raises:
        CheckpointError: The file is absent, unreadable, damaged, or of another format.
    """
    content = _content(path)
    match _format(content, path):
        case "safetensors":
            state = safetensors_file.read(content, path)
        case "pytorch":
            state = pytorch_file.read(content, path)
        case "ncnn":
            state = ncnn_file.read(path)
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}


def checkpoint_files(path: Path) -> tuple[Path, ...]:
    """The files that `read_checkpoint` reads, given one: both of an ncnn pair, in any other format the one alone.

    Raises:
        CheckpointError: The file is absent, unreadable, or of another format.
    """
    return ncnn_file.pair_of(path) if _format(_content(path), path) == "ncnn" else (path,)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror}; check the path and its permissions") from error


def _format(content: bytes, path: Path) -> Literal["safetensors", "pytorch", "ncnn"]:
    if safetensors_file.recognises(content):
        return "safetensors"
    if pytorch_file.recognises(content):
        return "pytorch"
    if ncnn_file.recognises(content, path):
        return "ncnn"
    raise CheckpointError(
        f"cannot read {path}: not a weight file, or its beginning is damaged; "
        "give a .safetensors, a PyTorch .pth or an ncnn .param with its .bin"
    )
