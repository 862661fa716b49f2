"""A furnished room, as one of the places of model.training.synthetic.scenery."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.training.synthetic.camera import Camera
from model.training.synthetic.paint import linear
from model.training.synthetic.scenery import Backdrop, meet, tint
from model.training.synthetic.textures import waves
from model.training.synthetic.vectors import f32
from model.training.synthetic.wardrobe import Colour

Corner = tuple[float, float, float]


@dataclass(frozen=True)
class Block:
    """A piece of furniture, or a part of one: a box along the room's axes.

    Attributes:
        low: Its corner with the least x, y and z, in metres.
        high: The opposite corner.
        colour: sRGB, 0 to 1.
        drawers: How many rows its front is divided into; 0 for cloth.
    """

    low: Corner
    high: Corner
    colour: Colour
    drawers: int = 0

    def meet(self, eye: FloatArray, rays: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N,) distances along rays, infinite where they miss, and (N, 3) normals of the sides that they meet."""
        with np.errstate(divide="ignore", invalid="ignore"):
            to_low, to_high = ((f32(corner) - eye) / rays for corner in (self.low, self.high))
        enter, leave = np.fmin(to_low, to_high), np.fmax(to_low, to_high)
        axis = np.argmax(enter, 1)
        distance = enter.max(1)
        hit = (distance < leave.min(1)) & (distance > 0)
        normals = -np.sign(rays) * (np.arange(3) == axis[:, None])
        return np.where(hit, distance, np.inf).astype(np.float32), normals.astype(np.float32)

    def paint(self, points: FloatArray) -> FloatArray:
        """(N, 3) linear RGB of (N, 3) points on its sides."""
        colour = tint(self.colour, len(points))
        if not self.drawers:
            return colour * (1 + 0.08 * waves(points, 0.03) + 0.06 * waves(points, 0.4))[:, None]
        colour = colour * (1 + 0.1 * waves(points * f32([0.1, 1, 1]), 0.03))[:, None]
        across, up = ((points - self.low) / np.subtract(self.high, self.low))[:, [0, 2]].T
        front = points[:, 1] < self.low[1] + 1e-3
        gap = np.minimum(
            np.abs((up * self.drawers + 0.5) % 1 - 0.5) / self.drawers, np.abs((2 * across + 0.5) % 1 - 0.5) / 4
        )
        knob = np.hypot((2 * across % 1 - 0.5) * 1.6, (up * self.drawers % 1 - 0.5) * 0.9) < 0.045
        colour[front & (gap < 0.006)] *= 0.35
        colour[front & knob] = linear((0.8, 0.76, 0.66))
        return colour

    def shade(self, points: FloatArray) -> FloatArray:
        """(N,) share of the light from all round that a box leaves to points of floor and walls near it."""
        apart = np.maximum(np.maximum(f32(self.low) - points, points - f32(self.high)), 0)
        return f32(1 - 0.55 * np.exp(-np.linalg.norm(apart, axis=1) / 0.13))


_SOFA = (0.71, 0.56, 0.36)
FURNITURE = (
    Block((-2.35, 1.98, 0.0), (-0.95, 2.4, 0.78), (0.5, 0.36, 0.25), drawers=3),
    Block((0.75, 1.5, 0.08), (2.75, 2.3, 0.42), _SOFA),
    Block((0.75, 2.08, 0.42), (2.75, 2.36, 0.82), _SOFA),
    Block((0.55, 1.5, 0.0), (0.77, 2.36, 0.6), _SOFA),
    Block((2.73, 1.5, 0.0), (2.95, 2.36, 0.6), _SOFA),
)


@dataclass(frozen=True)
class Room:
    """A room with boards, tiles or carpet on the floor, pictures and a window on the back wall.

    Attributes:
        wall_colour: sRGB, 0 to 1, as all colours here.
        floor_colour: Of boards, tiles or carpet.
        floor: What covers the floor.
        wallpaper: Pattern of the walls.
        accent: Colour of the wallpaper's pattern and of the rug.
        wall: Distance of the back wall behind the origin in metres.
        half_width: Distance of the side walls from the origin.
        furniture: What stands along the back wall.
        seed: Of the pictures' places and colours.
    """

    wall_colour: Colour = (0.78, 0.76, 0.68)
    floor_colour: Colour = (0.62, 0.45, 0.3)
    floor: Literal["boards", "tiles", "carpet"] = "boards"
    wallpaper: Literal["plain", "stripes", "bricks", "dots"] = "plain"
    accent: Colour = (0.32, 0.42, 0.5)
    wall: float = 2.4
    half_width: float = 3.6
    furniture: tuple[Block, ...] = FURNITURE
    seed: int = 0

    def __call__(self, camera: Camera) -> Backdrop:
        eye, rays = f32(camera.position), camera.rays().reshape(-1, 3)
        planes = [(2, 0.0), (1, self.wall), (0, -self.half_width), (0, self.half_width), (2, 2.9)]
        distances = np.stack([meet(eye, rays, axis, place) for axis, place in planes])
        nearest, distance = np.argmin(distances, 0), distances.min(0)
        normals = f32([[0, 0, 1], [0, -1, 0], [1, 0, 0], [-1, 0, 0], [0, 0, -1]])[nearest]
        for number, block in enumerate(self.furniture, len(planes)):
            block_distance, block_normals = block.meet(eye, rays)
            closer = block_distance < distance
            nearest[closer], distance[closer], normals[closer] = number, block_distance[closer], block_normals[closer]
        points = eye + rays * distance[:, None]

        albedo, glows = np.empty_like(points), np.zeros(len(rays), bool)
        floor, back, ceiling = nearest == 0, nearest == 1, nearest == 4
        side = (nearest == 2) | (nearest == 3)
        albedo[floor] = self._floor(points[floor, :2])
        albedo[back], glows[back] = self._back_wall(points[back][:, [0, 2]])
        albedo[side] = self._wall(points[side][:, [1, 2]])
        albedo[ceiling] = linear((0.93, 0.93, 0.92))
        for number, block in enumerate(self.furniture, len(planes)):
            albedo[nearest == number] = block.paint(points[nearest == number])
        return Backdrop(albedo * self._corners(points, nearest)[:, None], points, normals, glows)

    def _corners(self, points: FloatArray, nearest: IntArray) -> FloatArray:
        """(N,) share of the light that is left where walls, floor and furniture meet."""
        inward = np.stack([points[:, 2], self.wall - points[:, 1], self.half_width - np.abs(points[:, 0])])
        inward.sort(0)  # the least is the surface's own distance, 0
        light = 1 - 0.3 * np.exp(-inward[1] / 0.25)
        around = nearest < 4
        for block in self.furniture:
            light[around] *= block.shade(points[around])
        return np.where(nearest > 4, 1, light).astype(np.float32)

    def _floor(self, points: FloatArray) -> FloatArray:
        x, y = points.T
        colour = tint(self.floor_colour, len(points))
        if self.floor == "boards":
            board = np.floor(y / 0.14)
            shift = x + 0.73 * np.modf(board * 0.618)[0] * 2
            plank = board * 17 + np.floor(shift / 1.7)
            tone = 1 + 0.13 * np.sin(plank * 78.233)
            grain = 0.1 * waves(np.stack([x * 0.12 + plank * 3.1, y], 1).astype(np.float32), 0.02)
            gap = (np.abs(y / 0.14 - board - 0.5) > 0.48) | (np.abs(np.modf(shift / 1.7)[0]) < 0.004)
            colour *= ((tone + grain) * np.where(gap, 0.6, 1))[:, None]
        elif self.floor == "tiles":
            odd = (np.floor(x / 0.45) + np.floor(y / 0.45)) % 2
            seam = (np.abs(x / 0.45 % 1 - 0.5) > 0.485) | (np.abs(y / 0.45 % 1 - 0.5) > 0.485)
            colour *= (np.where(odd > 0, 1.0, 0.72) * np.where(seam, 0.7, 1))[:, None]
        else:
            colour *= 1 + 0.16 * waves(points, 0.03)[:, None] + 0.1 * waves(points, 0.5)[:, None]
        inside = np.maximum(np.abs(x) / 1.75, np.abs(y - 0.15) / 1.05)
        rug = (inside < 1) & (self.floor != "carpet")
        weave = tint(self.accent, len(points)) * (1 + 0.12 * waves(points, 0.02)[:, None])
        band = (np.abs(inside - 0.88) < 0.035)[:, None]
        return np.where(rug[:, None], np.where(band, linear((0.85, 0.8, 0.7)), weave), colour).astype(np.float32)

    def _wall(self, points: FloatArray) -> FloatArray:
        across, z = points.T
        colour = tint(self.wall_colour, len(points))
        if self.wallpaper == "stripes":
            colour = np.where((across / 0.3 % 1 < 0.5)[:, None], colour, colour * 0.85 + linear(self.accent) * 0.1)
        elif self.wallpaper == "bricks":
            row = np.floor(z / 0.085)
            along = across + (row % 2) * 0.125
            mortar = (np.abs(z / 0.085 - row - 0.5) > 0.42) | (np.abs(along / 0.25 % 1 - 0.5) > 0.47)
            tone = 1 + 0.2 * np.sin(row * 12.9 + np.floor(along / 0.25) * 78.2)
            colour = np.where(mortar[:, None], linear((0.72, 0.7, 0.67)), colour * tone[:, None])
        elif self.wallpaper == "dots":
            ring = np.hypot(across / 0.25 % 1 - 0.5, (z / 0.25 + 0.5 * np.floor(across / 0.25)) % 1 - 0.5)
            colour = np.where((ring < 0.14)[:, None], linear(self.accent), colour)
        colour = colour * (1 + 0.03 * waves(points, 0.4)[:, None])
        return np.where((z < 0.1)[:, None], linear((0.9, 0.89, 0.87)), colour).astype(np.float32)

    def _back_wall(self, points: FloatArray) -> tuple[FloatArray, BoolArray]:
        colour = self._wall(points)
        x, z = points.T
        random = np.random.default_rng(self.seed)
        for centre in (-2.0, -1.2, -0.35):
            middle = f32((centre, 1.62)) + f32(random.uniform(-0.1, 0.1, 2))
            half = random.uniform(0.2, 0.33, 2)
            edge = (np.abs(points - middle) - half).max(1)
            colour[edge < 0] = linear((0.2, 0.15, 0.11))
            inside = edge < -0.03
            shade = 1 + 0.6 * waves(points[inside] + middle[0], 0.3)[:, None]
            hue = random.uniform(0, 1, 3)
            colour[inside] = linear(0.62 + 0.35 * (hue - hue.mean())) * shade.clip(0.1)
        # A window on the right, with four panes and a view of the sky over distant trees.
        from_middle = np.stack([np.abs(x - 1.85), np.abs(z - 1.6)], 1)
        outside = (from_middle - f32([0.62, 0.62])).max(1)
        pane = (outside < -0.06) & (from_middle.min(1) > 0.025)
        sky = linear((0.66, 0.8, 0.95)) + (z[:, None] - 1.2).clip(0, 1) * f32([-0.12, -0.05, 0.0])
        trees = z < 1.3 + 0.08 * waves(x[:, None], 0.25)
        view = np.where(trees[:, None], linear((0.42, 0.55, 0.4)), sky)
        colour = np.where((outside < 0)[:, None], linear((0.93, 0.93, 0.92)), colour)
        return np.where(pane[:, None], view, colour).astype(np.float32), pane
