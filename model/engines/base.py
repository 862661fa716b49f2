"""What every engine offers."""

from typing import Protocol

from model.arrays import FloatArray, UInt8Array
from model.errors import EngineError


class Engine(Protocol):
    """Runs one network: a pose network at its input size, or the person detector at any.

    The mean, the scale and the layout change are part of what it runs, so that crops go in as they were cut.

    Attributes:
        name: Which engine this is, as `--engine` takes it.
        device: Where it really runs, in words for a person, such as "CPU" or "CUDA: NVIDIA GeForce RTX 3060".
    """

    name: str
    device: str

    def infer(self, crops: UInt8Array) -> FloatArray:
        """The network's output for a batch of pictures.

        Args:
            crops: (N, H, W, 3) uint8 RGB; N may be 0.

        Returns:
            float32: heatmaps (N, K, H/4, W/4) of a pose network, boxes and scores (N, A, 5) of the person detector.
        """
        ...


def no_bfloat16(engine: str, part: str, instead: str) -> EngineError:
    """The error of an engine on hardware that would only imitate bfloat16, slowly."""
    return EngineError(f"engine {engine}: this {part} has no bfloat16 arithmetic; use --engine {instead}")
