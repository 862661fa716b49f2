"""PyTorch on CPU, CUDA or MPS."""

import torch
from torch import nn

from model.arrays import FloatArray, UInt8Array
from model.engines.preprocessing import FromCrops, fold_batch_norms
from model.errors import EngineError


class TorchEngine:
    """Runs a network in PyTorch.

    Args:
        network: In evaluation mode; taken over by the engine.
        device: "cpu", "cuda" or "mps".
        folded: Whether batch norms are folded into the convolutions before them ("torch") or left ("torch-eager").
        threads: How many CPU threads PyTorch uses, in the whole process; None leaves its setting.

    Raises:
        EngineError: PyTorch cannot use the device.
    """

    def __init__(self, network: nn.Module, device: str, folded: bool, threads: int | None = None) -> None:
        require_device(device)
        if threads is not None:
            torch.set_num_threads(threads)
        self.name = "torch" if folded else "torch-eager"
        self.device = describe_device(device)
        self._device = torch.device(device)
        if folded:
            fold_batch_norms(network)
        self._network = FromCrops(network).eval().to(self._device)

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


def describe_device(device: str) -> str:
    """A device in words for a person."""
    if device == "cuda":
        return f"CUDA: {torch.cuda.get_device_name()}"
    return device.upper()
