"""Where people stand: a plain studio or a park, computed per pixel from rays; model.training.synthetic.room has more.

The floor is z = 0; people stand about the origin, and the camera looks from negative y towards positive y. Colours are
linear RGB.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.training.synthetic.camera import Camera
from model.training.synthetic.paint import linear
from model.training.synthetic.textures import waves
from model.training.synthetic.vectors import f32
from model.training.synthetic.wardrobe import Colour


@dataclass(frozen=True)
class Backdrop:
    """Scenery as one camera sees it. N pixels in row-major order.

    Attributes:
        albedo: (N, 3) colours; where `glows`, the light itself.
        points: (N, 3) where each pixel's ray ends, metres.
        normals: (N, 3) unit normals of what it meets.
        glows: (N,) whether that shines by itself, as the sky does, and takes neither light nor shadow.
    """

    albedo: FloatArray
    points: FloatArray
    normals: FloatArray
    glows: BoolArray


Scenery = Callable[[Camera], Backdrop]


def meet(eye: FloatArray, rays: FloatArray, axis: int, place: float) -> FloatArray:
    """(N,) distance along rays to the plane where coordinate `axis` equals `place`; infinite where they miss it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (place - eye[axis]) / rays[:, axis]
    return np.where(np.isfinite(distance) & (distance > 0), distance, np.inf).astype(np.float32)


def tint(colour: Colour, count: int) -> FloatArray:
    return np.repeat(linear(colour)[None], count, 0)


@dataclass(frozen=True)
class Studio:
    """One colour all over, floor and wall joined by a curve, as in a photographer's studio.

    Attributes:
        colour: sRGB, 0 to 1.
        wall: Distance of the wall behind the origin in metres.
        curve: Radius of the curve.
    """

    colour: Colour = (0.7, 0.74, 0.78)
    wall: float = 3.0
    curve: float = 1.6

    def __call__(self, camera: Camera) -> Backdrop:
        eye, rays = f32(camera.position), camera.rays().reshape(-1, 3)
        floor, wall = meet(eye, rays, 2, 0.0), meet(eye, rays, 1, self.wall)
        points = eye + rays * np.minimum(floor, wall)[:, None]
        from_corner = np.where(floor < wall, self.wall - points[:, 1], -points[:, 2])
        share = (0.5 - 0.5 * from_corner / self.curve).clip(0, 1)  # 0 on the floor, 1 on the wall
        angle = 0.5 * np.pi * (share * share * (3 - 2 * share))
        normals = np.stack([np.zeros_like(angle), -np.sin(angle), np.cos(angle)], 1)
        return Backdrop(tint(self.colour, len(rays)), points, f32(normals), np.zeros(len(rays), bool))


@dataclass(frozen=True)
class Park:
    """Grass, a path across it, bushes and the sky.

    Attributes:
        seed: Of the bushes and clouds.
    """

    seed: int = 0

    def __call__(self, camera: Camera) -> Backdrop:
        eye, rays = f32(camera.position), camera.rays().reshape(-1, 3)
        far = 14.0
        ground, hedge = meet(eye, rays, 2, 0.0), meet(eye, rays, 1, far)
        points = eye + rays * np.minimum(np.minimum(ground, hedge), 1e3)[:, None]
        _, y, z = points.T
        flat = points[:, :2] + f32(self.seed % 97)
        grass = linear((0.36, 0.5, 0.22)) * (1 + 0.3 * waves(flat, 0.12) + 0.2 * waves(flat, 1.5))[:, None].clip(0.2)
        stone = linear((0.66, 0.63, 0.58)) * (1 + 0.12 * waves(flat, 0.06) + 0.1 * waves(flat, 0.8))[:, None].clip(0.3)
        path = np.abs(y - 0.2 - 0.2 * waves(flat[:, :1], 4.0)) < 1.3
        floor = np.where(path[:, None], stone, grass)

        upright = points[:, [0, 2]] + f32(self.seed % 89)
        top = 1.9 + 0.9 * waves(upright[:, :1], 2.5) + 0.25 * waves(upright[:, :1], 0.4)
        leaves = linear((0.23, 0.37, 0.18)) * (1 + 0.5 * waves(upright, 0.35) + 0.25 * waves(upright, 0.09))[
            :, None
        ].clip(0.15)
        cloud = (0.5 + 0.7 * waves(upright * f32([0.5, 1.0]), 3.0)).clip(0, 1)[:, None]
        sky = linear((0.55, 0.74, 0.95)) * (1 - cloud) + linear((0.95, 0.96, 0.98)) * cloud
        is_ground, is_sky = ground < hedge, (ground >= hedge) & (z > top)
        albedo = np.where(is_ground[:, None], floor, np.where(is_sky[:, None], sky, leaves))
        normals = np.where(is_ground[:, None], f32([0, 0, 1]), f32([0, -0.8, 0.6]))
        return Backdrop(f32(albedo), points, f32(normals), is_sky)
