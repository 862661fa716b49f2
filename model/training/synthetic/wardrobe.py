"""Dressing a body: garments cut from the body model's helper surfaces, hair from its scalp and locks.

All cuts are made in the space of the average body (`BodyModel.template`), so that a garment fits every shape. Heights
in this module are that space's z, in metres: soles -0.82, ankles -0.75, knees -0.37, hips 0.05, waist 0.19, neck 0.59,
chin 0.61, eyes 0.73, crown 0.85.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.training.synthetic.body import BodyModel
from model.training.synthetic.lighting import ambient_occlusion
from model.training.synthetic.rasterizer import vertex_normals
from model.training.synthetic.rig import Rig
from model.training.synthetic.surfaces import cut, smooth
from model.training.synthetic.vectors import f32, smoothstep, unit

Colour = tuple[float, float, float]  # sRGB, 0 to 1
Hair = Literal["short", "full", "bun", "long"]


class Material(IntEnum):
    """What a triangle is made of; model.training.synthetic.paint gives each its colour."""

    SKIN = 0
    EYE = 1
    LASH = 2
    HAIR = 3
    TOP = 4
    BOTTOM = 5
    SHOE = 6


@dataclass(frozen=True)
class Outfit:
    """What a person wears, and their colouring.

    Attributes:
        sleeve: Length of the sleeves from the shoulder, in metres; the wrist is at 0.42.
        hem: Height at which the top ends.
        neckline: How deep the top's neck is cut in front, in metres.
        bottom: What covers the legs.
        length: Height at which that ends.
        hair: Short, full, a bun, or long, which ends at `hair_length`.
        hair_length: Height at which long hair ends.
        pattern: Of the top.
        scale: Size of the pattern, in metres.
        makeup: 0 for bare lips and lashes to 1 for red and black ones.
    """

    sleeve: float = 0.19
    hem: float = 0.02
    neckline: float = 0.0
    bottom: Literal["trousers", "skirt"] = "trousers"
    length: float = -0.755
    hair: Hair = "short"
    hair_length: float = 0.5
    pattern: Literal["plain", "stripes", "checks", "dots", "print"] = "plain"
    scale: float = 0.05
    makeup: float = 0.0
    top_colour: Colour = (0.75, 0.2, 0.18)
    second_colour: Colour = (0.92, 0.9, 0.86)
    bottom_colour: Colour = (0.16, 0.2, 0.33)
    shoe_colour: Colour = (0.85, 0.85, 0.84)
    sock_colour: Colour = (0.9, 0.9, 0.9)
    hair_colour: Colour = (0.16, 0.1, 0.06)
    skin_colour: Colour = (0.85, 0.64, 0.52)
    eye_colour: Colour = (0.3, 0.2, 0.12)


@dataclass(frozen=True)
class DressedBody:
    """One person at rest, ready to be posed. M vertices, of which the first V are the body model's.

    Attributes:
        vertices: (M, 3) at rest, metres.
        weights: (M, B) how much each bone carries each vertex.
        paint: (M, 3) the same point on the average body, where colours are looked up.
        faces: (F, 3) vertex numbers.
        materials: (F,) Material of each triangle.
        occlusion: (M,) share of the surroundings that each vertex sees at rest.
        joints: (B, 3) where each bone begins at rest.
        model: The body model.
        outfit: Colours and patterns.
    """

    vertices: FloatArray
    weights: FloatArray
    paint: FloatArray
    faces: IntArray
    materials: IntArray
    occlusion: FloatArray
    joints: FloatArray
    model: BodyModel
    outfit: Outfit

    @property
    def sole(self) -> float:
        """Height of the lowest point at rest."""
        return float(self.vertices[np.unique(self.faces), 2].min())

    def rig(self) -> Rig:
        """This body's bones, at rest."""
        return Rig(self.model.bones, self.model.parents, self.joints)


@dataclass
class _Pieces:
    """Surfaces that are being put together, each with vertices of its own."""

    vertices: list[FloatArray] = field(default_factory=list)
    weights: list[FloatArray] = field(default_factory=list)
    paint: list[FloatArray] = field(default_factory=list)
    faces: list[IntArray] = field(default_factory=list)
    materials: list[IntArray] = field(default_factory=list)
    count: int = 0

    def add(
        self, vertices: FloatArray, weights: FloatArray, paint: FloatArray, surfaces: dict[Material, IntArray]
    ) -> None:
        for material, faces in surfaces.items():
            self.faces.append(faces + self.count)
            self.materials.append(np.full(len(faces), material))
        self.vertices.append(vertices)
        self.weights.append(weights)
        self.paint.append(paint)
        self.count += len(vertices)

    def add_cut(
        self,
        vertices: FloatArray,
        weights: FloatArray,
        paint: FloatArray,
        faces: IntArray,
        levels: FloatArray,
        material: Material,
    ) -> None:
        """Add the part of one of the body model's surfaces where (V,) levels are positive."""
        piece = cut(faces, levels)
        used, compact = np.unique(piece.faces, return_inverse=True)
        self.add(
            piece.extend(vertices)[used],
            piece.extend(weights)[used],
            piece.extend(paint)[used],
            {material: compact.reshape(-1, 3)},
        )


_ARM_PREFIXES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")


def _arms(body: BodyModel, template: FloatArray) -> tuple[BoolArray, FloatArray]:
    """(V,) whether a vertex belongs to an arm, and how far from the shoulder it lies along the resting arm."""
    carries = np.array([bone.startswith(_ARM_PREFIXES) for bone in body.bones])
    is_arm = body.weights[:, carries].sum(1) > 0.5
    joints = {name: body.template_joints[body.bones.index(name)] for name in ("upperarm01.L", "wrist.L")}
    direction = joints["wrist.L"] - joints["upperarm01.L"]
    mirrored = np.column_stack([np.abs(template[:, 0]), template[:, 1:]])
    return is_arm, f32((mirrored - joints["upperarm01.L"]) @ unit(direction))


def _top_levels(body: BodyModel, template: FloatArray, outfit: Outfit) -> FloatArray:
    """(V,) how far inside the top a point of the average body lies; negative where the top does not reach."""
    is_arm, along = _arms(body, template)
    inside = np.minimum(template[:, 2] - outfit.hem, _neck(template, outfit))
    return f32(np.where(is_arm, outfit.sleeve - along, inside))


def _neck(template: FloatArray, outfit: Outfit) -> FloatArray:
    """(V,) about how far a point lies below the top's neckline: a tilted ring, deeper in front where wanted."""
    x, y, z = template.T
    ring = 0.585 + 0.7 * y + 0.8 * (np.hypot(x, y + 0.02) - 0.065) - z
    return f32(ring - outfit.neckline * (1 - np.abs(x) / 0.08).clip(0) * smoothstep(-y / 0.05))


def _bottom_levels(body: BodyModel, template: FloatArray, outfit: Outfit) -> FloatArray:
    """(V,) the same of trousers or skirt."""
    is_arm, _ = _arms(body, template)
    z = template[:, 2]
    return f32(np.where(is_arm, -1, np.minimum(0.14 - z, z - outfit.length)))


# Where hair begins: height by angle about the head's axis, from the middle of the forehead to the nape.
_HAIRLINE_DEGREES = (0, 25, 42, 60, 72, 86, 96, 128, 140, 160, 180)
_HAIRLINE_HEIGHTS = (0.797, 0.799, 0.788, 0.758, 0.735, 0.715, 0.742, 0.738, 0.69, 0.655, 0.648)
_HEAD_AXIS_Y = -0.035


def _hair_levels(body: BodyModel) -> FloatArray:
    x, y, z = body.template.T
    angle = np.degrees(np.arctan2(np.abs(x), _HEAD_AXIS_Y - y))
    return f32(np.where(z > 0.62, z - np.interp(angle, _HAIRLINE_DEGREES, _HAIRLINE_HEIGHTS), -1))


# First vertices of the helper surface's locks, each 16 rows of two vertices from the parting downwards, in order around
# the head from the right temple over the nape to the left one.
_LOCKS = (19022, 19054, 19118, 19086, 18872, 18904, 18840, 18808)


def _lock_sheet() -> IntArray:
    """(F, 3) triangles that join the locks into one curtain."""
    rows = np.arange(2, 16)[:, None] * 2
    columns = []
    for number, first in enumerate(_LOCKS):
        near_face = (0, 1) if number < 4 else (1, 0)  # a lock's two columns run from the face to the nape
        columns += [first + rows + near_face[0], first + rows + near_face[1]]
    grid = np.concatenate(columns, 1)
    corners = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], -1).reshape(-1, 4)
    return np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]])


def _add_hair(pieces: _Pieces, body: BodyModel, vertices: FloatArray, normals: FloatArray, outfit: Outfit) -> None:
    thickness = {"short": 0.013, "full": 0.026, "bun": 0.012, "long": 0.014}[outfit.hair]
    levels = _hair_levels(body)
    rise = thickness * smoothstep(levels / 0.05) + 0.002
    pieces.add_cut(
        vertices + rise[:, None] * normals, body.weights, body.template, body.surfaces["body"], levels, Material.HAIR
    )
    if outfit.hair == "long":
        sheet = _lock_sheet()
        full = smooth(vertices, sheet, 2)
        below = body.template[:, 2] - outfit.hair_length
        pieces.add_cut(full, body.weights, body.template, sheet, below, Material.HAIR)
    elif outfit.hair == "bun":
        turn, tilt = np.meshgrid(np.linspace(0, 2 * np.pi, 21), np.linspace(0, np.pi, 13))
        ball = np.stack([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)], -1).reshape(-1, 3)
        number = (np.arange(12)[:, None] * 21 + np.arange(20)).reshape(-1, 1)
        corners = number + np.array([0, 1, 22, 21])
        back = int(np.argmin(np.linalg.norm(body.template - (0.0, 0.05, 0.79), axis=1)))
        size = 0.045 * f32(ball)
        pieces.add(
            vertices[back] + 0.03 * normals[back] + size,
            np.repeat(np.eye(len(body.bones), dtype=np.float32)[[body.bones.index("head")]], len(ball), 0),
            body.template[back] + size,
            {Material.HAIR: np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]])},
        )


def dress(body: BodyModel, outfit: Outfit, **phenotype: float) -> DressedBody:
    """Put an outfit on a body of the given shape (see `BodyModel.shape`)."""
    vertices, joints = body.shape(**phenotype)
    skin, tights = body.surfaces["body"], body.surfaces["tights"]
    skirt = outfit.bottom == "skirt"

    # Skin well under a garment is left out, so that it never pokes through.
    top, bottom = (levels(body, body.template, outfit) for levels in (_top_levels, _bottom_levels))
    hidden = (top > 0.025) | (bottom > (0.005 if skirt else 0.025)) | (body.template[:, 2] < -0.727)
    pieces = _Pieces()
    surfaces = {
        Material.SKIN: skin[~hidden[skin].all(1)],
        Material.EYE: body.surfaces["eyes"],
        Material.LASH: body.surfaces["lashes"],
    }
    pieces.add(vertices, body.weights, body.template, surfaces)

    # Cloth spans the hollows of the body; bodies that differ in size get cloth in proportion.
    size = np.ptp(vertices[skin, 2]) / np.ptp(body.template[skin, 2])
    draped, pattern = smooth(vertices, tights, 8), smooth(body.template, tights, 8)
    normals = size * vertex_normals(draped, tights)

    def cloth(ease: FloatArray, levels: FloatArray, material: Material) -> None:
        pieces.add_cut(draped + ease[:, None] * normals, body.weights, pattern, tights, levels, material)

    cloth(0.004 + 0.013 * smoothstep(_neck(pattern, outfit) / 0.08), _top_levels(body, pattern, outfit), Material.TOP)
    if skirt:
        surface = body.surfaces["skirt"]
        pieces.add_cut(smooth(vertices, surface, 3), body.weights, body.template, surface, bottom, Material.BOTTOM)
    else:
        ease = 0.007 + 0.016 * (-pattern[:, 2] / 0.75).clip(0, 1)  # wider towards the feet
        cloth(f32(ease), _bottom_levels(body, pattern, outfit), Material.BOTTOM)
    cloth(f32(np.full(len(vertices), 0.009)), -0.715 - pattern[:, 2], Material.SHOE)
    _add_hair(pieces, body, smooth(vertices, skin, 2), vertex_normals(vertices, skin), outfit)
    dressed, faces = np.concatenate(pieces.vertices), np.concatenate(pieces.faces)
    return DressedBody(
        vertices=dressed,
        weights=np.concatenate(pieces.weights),
        paint=np.concatenate(pieces.paint),
        faces=faces,
        materials=np.concatenate(pieces.materials),
        occlusion=ambient_occlusion(dressed, faces),
        joints=joints,
        model=body,
        outfit=outfit,
    )
