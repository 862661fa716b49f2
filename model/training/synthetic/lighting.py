"""Light on people: a lamp with soft shadows, light from all round with baked ambient occlusion, a little gloss."""

from dataclasses import dataclass

import cv2
import numpy as np

from model.arrays import FloatArray, IntArray
from model.training.synthetic.rasterizer import rasterize, vertex_normals
from model.training.synthetic.textures import sample
from model.training.synthetic.vectors import f32, unit


@dataclass(frozen=True)
class Light:
    """Light of a scene. Colours are linear RGB; a white wall in the lamp's full light and the sky's is about 1.

    Attributes:
        towards: (3,) direction from the scene to the lamp; its length does not matter.
        lamp: Colour times strength of the lamp.
        sky: Of the light from above.
        ground: Of the light from below.
    """

    towards: tuple[float, float, float] = (-0.5, -0.75, 1.0)
    lamp: tuple[float, float, float] = (0.82, 0.78, 0.72)
    sky: tuple[float, float, float] = (0.42, 0.45, 0.5)
    ground: tuple[float, float, float] = (0.26, 0.24, 0.22)

    @property
    def direction(self) -> FloatArray:
        """(3,) unit vector towards the lamp."""
        return unit(self.towards)

    def ambient(self, normals: FloatArray) -> FloatArray:
        """(N, 3) light from all round on surfaces with (N, 3) unit normals."""
        up = 0.5 + 0.5 * normals[:, 2:]
        return f32(up * f32(self.sky) + (1 - up) * f32(self.ground))


class ParallelView:
    """What a distant lamp sees: a square depth image along one direction.

    Args:
        vertices: (V, 3) of everything that casts shadows.
        faces: (F, 3) vertex numbers.
        towards: (3,) unit vector to the lamp.
        size: Rows and columns of the image.
        margin: Metres left free around the vertices.
    """

    def __init__(
        self, vertices: FloatArray, faces: IntArray, towards: FloatArray, size: int, margin: float = 0.15
    ) -> None:
        helper = (0.0, 1.0, 0.0) if abs(towards[2]) > 0.9 else (0.0, 0.0, 1.0)
        right = unit(np.cross(f32(helper), towards))
        self._axes = np.stack([right, f32(np.cross(towards, right)), -towards])
        local = vertices[np.unique(faces)] @ self._axes.T
        self._low = local.min(0) - margin
        self.pixels_per_metre = float((size - 1) / (np.ptp(local[:, :2], axis=0).max() + 2 * margin))
        self.size = size
        self.depth = rasterize(self.project(vertices), faces, (size, size), near=0.0, perspective=False).depth

    def project(self, points: FloatArray) -> FloatArray:
        """(N, 3) column, row and depth in metres (greater is farther from the lamp) from (N, 3) points."""
        local = f32(points @ self._axes.T - self._low)
        local[:, :2] *= self.pixels_per_metre
        return local

    def lit(self, points: FloatArray, bias: float = 0.015) -> FloatArray:
        """(N,) share of the lamp's light that reaches points on or behind the casters, 0 to 1."""
        seen = self.project(points)
        total = np.zeros(len(points), np.float32)
        offsets = (-1.0, 0.0, 1.0)
        for dx in offsets:
            for dy in offsets:
                column = (seen[:, 0] + dx).round().astype(int).clip(0, self.size - 1)
                row = (seen[:, 1] + dy).round().astype(int).clip(0, self.size - 1)
                total += self.depth[row, column] > seen[:, 2] - bias
        return f32(total / len(offsets) ** 2)

    def shade_behind(self, points: FloatArray, blur_m: float) -> FloatArray:
        """(N,) share of the lamp's light that reaches points behind all casters, with a penumbra of about `blur_m`."""
        sigma = blur_m * self.pixels_per_metre
        mask = cv2.GaussianBlur(np.isfinite(self.depth).astype(np.float32), (0, 0), max(sigma, 0.3))
        seen = self.project(points)
        return f32(1 - sample(mask, seen[:, 0], seen[:, 1]))


def contact_shadow(vertices: FloatArray, faces: IntArray, points: FloatArray) -> FloatArray:
    """(N,) share of the light from all round that reaches (N, 3) points of the floor z = 0 under standing people."""
    from_below = ParallelView(vertices, faces, f32([0, 0, -1]), 192, margin=0.3)
    height = from_below.depth - from_below.project(np.zeros((1, 3), np.float32))[0, 2]
    closed, wide = (f32(np.exp(-height.clip(0) / reach)) for reach in (0.12, 0.7))  # 0 where nothing is above
    near = cv2.GaussianBlur(closed, (0, 0), 0.025 * from_below.pixels_per_metre)
    far = cv2.GaussianBlur(wide, (0, 0), 0.14 * from_below.pixels_per_metre)
    seen = from_below.project(points)
    return f32((1 - 0.55 * sample(near, seen[:, 0], seen[:, 1])) * (1 - 0.5 * sample(far, seen[:, 0], seen[:, 1])))


def ambient_occlusion(vertices: FloatArray, faces: IntArray, directions: int = 24) -> FloatArray:
    """(V,) share of the light from all round that reaches each vertex, weighted by the cosine to its normal.

    At least 0.3, for light that is thrown back and forth. Directions are spread evenly by a Fibonacci lattice.
    """
    number = np.arange(directions) + 0.5
    height = 1 - 2 * number / directions
    turn = np.pi * (1 + 5**0.5) * number
    ring = np.sqrt(1 - height**2)
    normals = vertex_normals(vertices, faces)
    seen, total = np.zeros(len(vertices), np.float32), np.full(len(vertices), 1e-6, np.float32)
    for towards in f32(np.stack([ring * np.cos(turn), ring * np.sin(turn), height], 1)):
        weight = (normals @ towards).clip(0)
        seen += weight * ParallelView(vertices, faces, towards, 256).lit(vertices, bias=0.012)
        total += weight
    return f32(0.3 + 0.7 * seen / total)
