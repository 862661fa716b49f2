"""A pinhole camera in a world whose z axis points up, in metres."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.arrays import FloatArray
from model.training.synthetic.vectors import f32, unit


@dataclass(frozen=True)
class Camera:
    """A camera that looks from one point to another, held level.

    Attributes:
        position: Where it stands, (x, y, z) in metres.
        target: What it looks at: the point in the middle of the picture.
        size: (H, W) of its picture in pixels.
        focal_length: In pixels.
    """

    position: tuple[float, float, float]
    target: tuple[float, float, float]
    size: tuple[int, int]
    focal_length: float

    @cached_property
    def axes(self) -> FloatArray:
        """(3, 3) rows: the picture's right, its down and the optical axis, as unit vectors in the world."""
        forward = unit(np.subtract(self.target, self.position))
        right = unit(np.cross(forward, f32((0, 0, 1))))
        return np.stack([right, f32(np.cross(forward, right)), forward])

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the optical axis in the picture."""
        return (self.size[1] - 1) / 2, (self.size[0] - 1) / 2

    def project(self, points: FloatArray) -> FloatArray:
        """(N, 3) x and y in pixels, centres at integers, and depth in metres, from (N, 3) points in the world."""
        local = (points - f32(self.position)) @ self.axes.T
        depth = local[:, 2:]
        # A point in the camera's own plane has no image; rasterize drops what lies before its near plane.
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        return f32(np.concatenate([local[:, :2] / safe * self.focal_length + self.centre, depth], 1))

    def rays(self) -> FloatArray:
        """(H, W, 3) direction through each pixel's centre, in the world, of length 1 along the optical axis."""
        height, width = self.size
        x = (np.arange(width, dtype=np.float32) - self.centre[0]) / self.focal_length
        y = (np.arange(height, dtype=np.float32) - self.centre[1]) / self.focal_length
        local = np.stack(np.broadcast_arrays(x[None, :], y[:, None], 1.0), -1)
        return f32(f32(local) @ self.axes)

    def scaled(self, factor: int) -> "Camera":
        """The same view in `factor` times as many rows and columns."""
        size = (self.size[0] * factor, self.size[1] * factor)
        return Camera(self.position, self.target, size, self.focal_length * factor)
