"""Reading a weight file of any known format; the content decides which it is, not the file's name."""

from pathlib import Path

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
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror}; check the path and its permissions") from error
    if safetensors_file.recognises(content):
        state = safetensors_file.read(content, path)
    elif pytorch_file.recognises(content):
        state = pytorch_file.read(content, path)
    elif ncnn_file.recognises(content, path):
        state = ncnn_file.read(path)
    else:
        raise CheckpointError(
            f"cannot read {path}: not a weight file, or its beginning is damaged; "
            "give a .safetensors, a PyTorch .pth or an ncnn .param with its .bin"
        )
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
