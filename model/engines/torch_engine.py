"""PyTorch on CPU, CUDA or MPS."""

from typing import Literal

import torch
from torch import nn

from model.arrays import FloatArray, UInt8Array
from model.engines.base import no_bfloat16
from model.engines.preprocessing import FromCrops, fold_batch_norms
from model.errors import EngineError

Precision = Literal["float32", "bf16", "fp16"]
_DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class TorchEngine:
    """Runs a network in PyTorch.

    Args:
        network: In evaluation mode; taken over by the engine.
        device: "cpu", "cuda" or "mps".
        folded: Whether batch norms are folded into the convolutions before them ("torch") or left ("torch-eager").
        threads: How many CPU threads PyTorch uses, in the whole process; None leaves its setting.
        precision: "float32", or "bf16" or "fp16": half the memory traffic, and 8 or 11 bits of mantissa.

    Raises:
        EngineError: PyTorch cannot use the device, or the device has no such arithmetic.
    """

    def __init__(
        self,
        network: nn.Module,
        device: str,
        folded: bool,
        threads: int | None = None,
        precision: Precision = "float32",
    ) -> None:
        require_device(device)
        require_precision(device, precision)
        if threads is not None:
            torch.set_num_threads(threads)
        self.name = ("torch" if folded else "torch-eager") + ("" if precision == "float32" else f"-{precision}")
        self.device = describe_device(device)
        self._device = torch.device(device)
        if folded:
            fold_batch_norms(network)
        self._network = FromCrops(network, _DTYPES[precision]).eval().to(self._device)

    def infer(self, crops: UInt8Array) -> FloatArray:
        with torch.inference_mode():
            heatmaps = self._network(torch.from_numpy(crops).to(self._device))
            result: FloatArray = heatmaps.float().cpu().numpy()
        return result


def best_device() -> str:
    """The fastest device that PyTorch sees here: "cuda", "mps" or "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def require_device(device: str) -> None:
    """Raise EngineError where PyTorch cannot use a device, saying why and what to do."""
    if device == "cuda" and not torch.cuda.is_available():
        if torch.version.cuda is None:
            raise EngineError(
                "device cuda: this PyTorch is built without CUDA; install a CUDA build (see README.md) "
                "or use --device cpu"
            )
        raise EngineError("device cuda: PyTorch finds no NVIDIA GPU or driver; update the driver or use --device cpu")
    if device == "mps" and not torch.backends.mps.is_available():
        raise EngineError("device mps: it needs a Mac with Apple silicon or a supported GPU; use --device cpu")


def require_precision(device: str, precision: Precision) -> None:
    """Raise EngineError where a device would only imitate a precision, slowly."""
    if device == "cpu" and precision == "fp16":
        raise EngineError(
            "engine torch-fp16 needs a GPU, for CPUs compute in 16 bits no faster; use --engine torch or --device cuda"
        )
    if precision == "bf16" and not has_bfloat16(device):
        raise no_bfloat16("torch-bf16", *(("CPU", "torch") if device == "cpu" else ("GPU", "torch-fp16")))


def has_bfloat16(device: str) -> bool:
    """Whether a device computes in bf16 itself; where PyTorch imitates it, it is several times slower than float32."""
    if device == "cpu":
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return not device.startswith("cuda") or torch.cuda.is_bf16_supported(including_emulation=False)


def describe_device(device: str) -> str:
    """A device in words for a person."""
    if device == "cuda":
        return f"CUDA: {torch.cuda.get_device_name()}"
    return device.upper()
