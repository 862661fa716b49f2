"""PyTorch .pth files: mmpose's checkpoints of any age, and plain state dicts. Nothing but data is ever unpickled."""

import io
import pickle
import pickletools
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy._core import multiarray
from torch import Tensor

from model.errors import CheckpointError

_ZIP_MAGIC = b"PK\x03\x04"
_PICKLE_MAGIC = b"\x80"
"""Protocol opcode: files before PyTorch 1.6 are bare pickles."""

_DTYPES = [type(np.dtype(code)) for code in "?bBhHiIlLqQefdU"]

# mmpose stores losses and dataset descriptions beside the tensors as NumPy scalars and arrays. All of these make plain
# data. NumPy 1 called the module numpy.core.
_NUMPY_DATA: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = [
    np.dtype,
    np.ndarray,
    *_DTYPES,
    *(
        (function, f"numpy.{core}.multiarray.{function.__name__}")
        for function in (multiarray.scalar, multiarray._reconstruct)
        for core in ("core", "_core")
    ),
]


def recognises(content: bytes) -> bool:
    """Whether this is a file of torch.save: a zip archive or, from older versions, a pickle."""
    return content.startswith((_ZIP_MAGIC, _PICKLE_MAGIC))


def read(content: bytes, path: Path) -> dict[str, Tensor]:
    """The network's tensors in a .pth file, under the names of mmpose 1.x.

    Args:
        content: The file's bytes.
        path: Where they come from, for messages.

    Raises:
        CheckpointError: The file is damaged, holds objects other than data, or has no tensors.
    """
    try:
        with torch.serialization.safe_globals(_NUMPY_DATA), warnings.catch_warnings():
            # Of the pickle's protocol: what PyTorch cannot read of it becomes an error below.
            warnings.filterwarnings("ignore", "Detected pickle protocol", UserWarning)
            loaded = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(f"cannot read {path}: {_why_refused(error, content)}") from error
    except Exception as error:  # a damaged archive or pickle can fail in any way inside the parser
        raise CheckpointError(
            f"cannot read {path}: damaged or cut short ({type(error).__name__}); fetch or copy it again"
        ) from error
    if isinstance(loaded, dict) and isinstance(loaded.get("state_dict"), dict):
        loaded = loaded["state_dict"]
    if not isinstance(loaded, dict) or not any(isinstance(value, Tensor) for value in loaded.values()):
        raise CheckpointError(
            f"cannot read {path}: it holds no state dict; save the network's state_dict() with torch.save"
        )
    weights = {_current_name(str(name)): value for name, value in loaded.items() if _is_weight(str(name), value)}
    unusual = next((name for name, value in weights.items() if not _is_plain(value)), None)
    if unusual is not None:
        raise CheckpointError(
            f"cannot read {path}: {unusual} is sparse, quantised or without values; save the plain tensors"
        )
    return weights


def _is_weight(name: str, value: object) -> bool:
    # mmpose 1.x keeps the mean and deviation of its input beside the network's weights.
    return isinstance(value, Tensor) and not name.removeprefix("module.").startswith("data_preprocessor.")


def _is_plain(tensor: Tensor) -> bool:
    return (
        tensor.layout == torch.strided
        and tensor.device.type == "cpu"
        and not (tensor.is_quantized or tensor.is_nested or tensor.is_complex())
    )


def _current_name(name: str) -> str:
    """The name in mmpose 1.x: without the prefix of DataParallel, and with the head as 0.x did not call it."""
    return re.sub("^keypoint_head[.]", "head.", name.removeprefix("module."))


def _why_refused(error: pickle.UnpicklingError, content: bytes) -> str:
    found = re.search(r"GLOBAL ([\w.]+)", str(error))
    called = found[1] if found else _first_global(content)
    if called is None:
        return "damaged or cut short (its pickle does not parse); fetch or copy it again"
    return (
        f"it holds Python objects ({called}), which are never run; save the network's state_dict() alone, "
        "with torch.save"
    )


def _first_global(content: bytes) -> str | None:
    """The first class or function that a bare pickle names, without running any of it.

    PyTorch stops at the first opcode of protocol 4 or later, before it comes to a name.
    """
    pushed: list[object] = []
    memo: list[object] = []
    try:
        for opcode, argument, _ in pickletools.genops(content):
            match opcode.name:
                case "GLOBAL":
                    return str(argument).replace(" ", ".")
                case "STACK_GLOBAL":
                    return re.sub(r"[^\w.]", "?", f"{pushed[-2]}.{pushed[-1]}")  # it may hold line breaks
                case "MEMOIZE":
                    memo.append(pushed[-1])
                case "BINGET" | "LONG_BINGET":
                    pushed.append(memo[int(argument or 0)])
                case "FRAME" | "PROTO":
                    pass
                case _:
                    pushed.append(argument)
    except (ValueError, IndexError):  # the pickle is damaged
        return None
    return None
