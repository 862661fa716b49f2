"""Colours of dressed people, looked up at points of the average body, so that paint sticks to every shape and pose.

Coordinates are those of `BodyModel.template` (see model.training.synthetic.wardrobe), colours linear RGB, 0 to 1.
"""

import numpy as np
import numpy.typing as npt

from model.arrays import FloatArray, IntArray
from model.training.synthetic.textures import waves
from model.training.synthetic.vectors import f32
from model.training.synthetic.wardrobe import Material, Outfit

_EYE_CENTRE = f32([0.0308, -0.1246, 0.7284])  # the left one, in the middle of the eyeball
_EYE_RADIUS = 0.0146


def linear(colour: npt.ArrayLike) -> FloatArray:
    """Linear light from sRGB, both 0 to 1 (IEC 61966-2-1, with the plain exponent)."""
    return f32(f32(colour) ** 2.2)


def _mix(base: FloatArray, colour: npt.ArrayLike, amount: npt.ArrayLike) -> FloatArray:
    share = f32(amount)[:, None]
    return f32(base + share * (linear(colour) - base))


def _soft(distance: npt.ArrayLike, width: float) -> FloatArray:
    """1 where a signed distance is well inside (negative), 0 well outside, a ramp of the given width between."""
    return f32((0.5 - f32(distance) / width).clip(0, 1))


def _skin(points: FloatArray, outfit: Outfit) -> FloatArray:
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    tone = np.array(outfit.skin_colour)
    colour = np.repeat(linear(tone)[None], len(points), 0)
    face = (y < -0.06) & (z > 0.6)
    blush = np.exp(-(((x - 0.045) / 0.02) ** 2) - ((z - 0.69) / 0.016) ** 2) * face
    colour = _mix(colour, tone * (0.95, 0.68, 0.66), (0.3 + 0.25 * outfit.makeup) * blush)
    socket = np.exp(-(((x - 0.031) / 0.017) ** 2) - ((z - 0.731) / 0.009) ** 2) * face
    colour = _mix(colour, tone * (0.72, 0.6, 0.58), 0.6 * socket)

    arch = 0.7435 + 0.004 * np.sin(np.pi * ((x - 0.01) / 0.044).clip(0, 1)) - 0.06 * (x - 0.04).clip(0)
    brow = np.abs(z - arch) - 0.0030 * ((0.056 - x) / 0.02).clip(0, 1)
    colour = _mix(
        colour, tuple(np.array(outfit.hair_colour) * 0.8), 0.9 * _soft(brow, 0.002) * face * (x > 0.011) * (x < 0.055)
    )

    reach = (1 - (x / 0.028) ** 2).clip(0)
    dip = 0.0012 * np.exp(-((x / 0.004) ** 2))
    upper = np.abs(z - 0.6585) - np.where(z > 0.6585, 0.0075 * reach**0.7 - dip, 0.0115 * reach**0.6)
    lips = _soft(upper, 0.002) * (reach > 0) * face
    rouge = np.array([0.93, 0.7, 0.68]) - outfit.makeup * np.array([0.07, 0.2, 0.18])
    colour = _mix(colour, tone * rouge, 0.85 * lips)
    line = np.exp(-(((z - 0.6585) / 0.0011) ** 2)) * (reach > 0) * face
    colour = _mix(colour, tone * (0.4, 0.22, 0.22), 0.8 * line)
    nostril = np.exp(-(((x - 0.0085) / 0.004) ** 2) - ((z - 0.681) / 0.003) ** 2) * (y < -0.13)
    colour = _mix(colour, tone * (0.35, 0.2, 0.2), 0.7 * nostril)
    return _mix(colour, outfit.sock_colour, z < -0.66)


def _eye(points: FloatArray, outfit: Outfit) -> FloatArray:
    towards = (np.column_stack([np.abs(points[:, 0]), points[:, 1:]]) - _EYE_CENTRE) / _EYE_RADIUS
    off_axis = np.where(towards[:, 1] < 0, np.hypot(towards[:, 0], towards[:, 2]), 1)
    colour = np.repeat(linear((0.93, 0.92, 0.9))[None], len(points), 0)
    colour = _mix(colour, outfit.eye_colour, _soft(off_axis - 0.46, 0.08))
    colour = _mix(colour, (0.03, 0.03, 0.03), _soft(off_axis - 0.22, 0.08))
    glint = np.hypot(
        points[:, 0] - np.sign(points[:, 0]) * _EYE_CENTRE[0] + 0.0025, points[:, 2] - _EYE_CENTRE[2] - 0.003
    )
    return _mix(colour, (1.0, 1.0, 1.0), _soft(glint - 0.0012, 0.001))


def _hair(points: FloatArray, outfit: Outfit) -> FloatArray:
    x, y, z = points.T
    strand = np.stack([np.arctan2(x, -0.035 - y) * 0.09, 0.15 * z + 0.1 * np.hypot(x, y)], 1)
    shade = 1 + 0.35 * waves(f32(strand), 0.006)
    return f32(linear(outfit.hair_colour) * shade[:, None].clip(0.4, 1.7))


def _top(points: FloatArray, outfit: Outfit) -> FloatArray:
    x, y, z = points.T
    colour = np.repeat(linear(outfit.top_colour)[None], len(points), 0)
    across, down = np.sin(np.pi * x / outfit.scale), np.sin(np.pi * z / outfit.scale)
    sharp = 0.12
    if outfit.pattern == "stripes":
        return _mix(colour, outfit.second_colour, _soft(-down, 2 * sharp))
    if outfit.pattern == "checks":
        return _mix(colour, outfit.second_colour, 0.4 * _soft(-down, sharp) + 0.4 * _soft(-across, sharp))
    if outfit.pattern == "dots":
        return _mix(colour, outfit.second_colour, _soft(0.55 - np.abs(across * down), sharp))
    if outfit.pattern == "print":
        from_middle = np.hypot(x, z - 0.39)
        ring = np.abs(from_middle - 1.1 * outfit.scale) - 0.35 * outfit.scale
        return _mix(colour, outfit.second_colour, _soft(ring, 0.004) * (y < 0))
    return colour


def _bottom(points: FloatArray, outfit: Outfit) -> FloatArray:
    return np.repeat(linear(outfit.bottom_colour)[None], len(points), 0)


def _shoe(points: FloatArray, outfit: Outfit) -> FloatArray:
    colour = np.repeat(linear(outfit.shoe_colour)[None], len(points), 0)
    return _mix(colour, (0.93, 0.93, 0.91), _soft(points[:, 2] + 0.797, 0.004))


def _lash(points: FloatArray, outfit: Outfit) -> FloatArray:
    bare = np.repeat(linear(np.array(outfit.skin_colour) * 0.6)[None], len(points), 0)
    return _mix(bare, (0.06, 0.05, 0.05), np.full(len(points), 0.3 + 0.7 * outfit.makeup))


_PAINT = {
    Material.SKIN: _skin,
    Material.EYE: _eye,
    Material.LASH: _lash,
    Material.HAIR: _hair,
    Material.TOP: _top,
    Material.BOTTOM: _bottom,
    Material.SHOE: _shoe,
}
_CLOTH = (Material.TOP, Material.BOTTOM)


def albedo(points: FloatArray, materials: IntArray, outfit: Outfit) -> FloatArray:
    """(N, 3) linear RGB of (N, 3) points on the average body with (N,) materials."""
    colours = np.zeros((len(points), 3), np.float32)
    for material, paint in _PAINT.items():
        chosen = materials == material
        colours[chosen] = paint(points[chosen], outfit)
    cloth = np.isin(materials, _CLOTH)
    colours[cloth] *= 1 + 0.06 * waves(points[cloth], 0.012)[:, None]
    return colours


def folds(points: FloatArray, materials: IntArray) -> FloatArray:
    """(N, 3) offsets of the surface normals that make cloth look creased; zero elsewhere."""
    offsets = np.zeros((len(points), 3), np.float32)
    cloth = np.isin(materials, _CLOTH)
    stretched = points[cloth] * f32([1.0, 1.0, 0.55])
    for axis in range(3):
        offsets[cloth, axis] = 0.22 * waves(stretched + f32(0.37 * (axis + 1)), 0.09)
    return offsets
