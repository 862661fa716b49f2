"""What every engine offers."""

from typing import Protocol

from model.arrays import FloatArray, UInt8Array


class PoseEngine(Protocol):
    """Runs one pose network at one input size.

    The mean, the scale and the layout change are part of what it runs, so that crops go in as they were cut.

    Attributes:
        name: Which engine this is, as `--engine` takes it.
        device: Where it really runs, in words for a person, such as "CPU" or "CUDA: NVIDIA GeForce RTX 3060".
    """

    name: str
    device: str

    def infer(self, crops: UInt8Array) -> FloatArray:
        """Heatmaps of a batch of crops.

        Args:
            crops: (N, H, W, 3) uint8 RGB; N may be 0.

        Returns:
            (N, K, H/4, W/4) float32.
        """
        ...
