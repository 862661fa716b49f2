"""Pictures of posed people in a scene, with what each pixel shows."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray, UInt8Array
from model.training.synthetic.camera import Camera
from model.training.synthetic.lighting import Light, ParallelView, contact_shadow
from model.training.synthetic.paint import albedo, folds
from model.training.synthetic.rasterizer import rasterize, vertex_normals
from model.training.synthetic.rig import Rig, skin
from model.training.synthetic.scenery import Backdrop
from model.training.synthetic.vectors import f32, unit
from model.training.synthetic.wardrobe import DressedBody, Material

SUPERSAMPLING = 2  # samples a pixel along each side

_GLOSS = {Material.SKIN: 0.10, Material.EYE: 0.6, Material.HAIR: 0.07, Material.SHOE: 0.12}


@dataclass(frozen=True)
class Actor:
    """A dressed person in a pose.

    Attributes:
        body: What is posed.
        vertices: (M, 3) posed vertices, metres.
        keypoints: (17, 3) COCO keypoints in the world.
    """

    body: DressedBody
    vertices: FloatArray
    keypoints: FloatArray

    @classmethod
    def posed(cls, body: DressedBody, rig: Rig) -> "Actor":
        """The person in the pose of a rig made by `DressedBody.rig`."""
        vertices = skin(body.vertices, body.weights, rig.transforms())
        regressor = body.model.keypoint_weights
        return cls(body, vertices, regressor @ vertices[: regressor.shape[1]])


class Rendering(NamedTuple):
    """A picture of H by W pixels.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        owners: (sH, sW) number of the person seen at each sample, -1 for none; s is SUPERSAMPLING.
        depth: (sH, sW) distance of that person along the optical axis in metres, infinite for none.
    """

    image: UInt8Array
    owners: IntArray
    depth: FloatArray


def _joined(actors: list[Actor]) -> tuple[FloatArray, IntArray]:
    offsets = np.cumsum([0] + [len(actor.vertices) for actor in actors])
    faces = [actor.body.faces + offset for actor, offset in zip(actors, offsets, strict=False)]
    return np.concatenate([actor.vertices for actor in actors]), np.concatenate(faces)


def render(actors: list[Actor], camera: Camera, backdrop: Backdrop, light: Light) -> Rendering:
    """Render people into a scene.

    Args:
        actors: At least one.
        camera: Of the picture.
        backdrop: The scenery as `camera.scaled(SUPERSAMPLING)` sees it.
        light: The same on people and scenery.
    """
    fine = camera.scaled(SUPERSAMPLING)
    vertices, faces = _joined(actors)
    shadows = ParallelView(vertices, faces, light.direction, 900)
    radiance = _light_backdrop(backdrop, light, shadows, vertices, faces)

    fragments = rasterize(fine.project(vertices), faces, fine.size)
    owners = np.repeat(np.arange(len(actors)), [len(actor.body.faces) for actor in actors])[fragments.faces]
    materials = np.concatenate([actor.body.materials for actor in actors])[fragments.faces]
    paint = fragments.interpolate(np.concatenate([actor.body.paint for actor in actors]), faces)
    colours = np.empty_like(paint)
    for number, actor in enumerate(actors):
        own = owners == number
        colours[own] = albedo(paint[own], materials[own], actor.body.outfit)

    places = fragments.interpolate(vertices, faces)
    to_eye = unit(f32(camera.position) - places)
    normals = fragments.interpolate(vertex_normals(vertices, faces), faces) + folds(paint, materials)
    # The inside of sleeves and skirts faces the eye too.
    normals = unit(normals * np.where((normals * to_eye).sum(1, keepdims=True) < 0, -1, 1))

    occlusion = fragments.interpolate(np.concatenate([actor.body.occlusion for actor in actors])[:, None], faces)
    wrap = np.where(materials == Material.SKIN, 0.25, 0.1)  # light that scatters in skin reaches round the edge
    facing = ((normals @ light.direction + wrap) / (1 + wrap)).clip(0)
    direct = (facing * shadows.lit(places + 0.006 * normals))[:, None] * f32(light.lamp)
    half = unit(to_eye + light.direction)
    gloss = np.array([_GLOSS.get(material, 0.0) for material in Material], np.float32)[materials]
    shine = gloss * (normals * half).sum(1).clip(0) ** 24
    radiance[fragments.pixels] = colours * (direct + occlusion * light.ambient(normals)) + shine[:, None] * direct

    owner_image = np.full(fine.size[0] * fine.size[1], -1)
    owner_image[fragments.pixels] = owners
    return Rendering(_develop(radiance, camera.size), owner_image.reshape(fine.size), fragments.depth)


def _light_backdrop(
    backdrop: Backdrop, light: Light, shadows: ParallelView, vertices: FloatArray, faces: IntArray
) -> FloatArray:
    facing = (backdrop.normals @ light.direction).clip(0)
    direct = (facing * shadows.shade_behind(backdrop.points, 0.03))[:, None] * f32(light.lamp)
    ambient = light.ambient(backdrop.normals)
    floor = backdrop.points[:, 2] < 1e-3
    ambient[floor] *= contact_shadow(vertices, faces, backdrop.points[floor])[:, None]
    return f32(np.where(backdrop.glows[:, None], backdrop.albedo, backdrop.albedo * (direct + ambient)))


def _develop(radiance: FloatArray, size: tuple[int, int]) -> UInt8Array:
    """(H, W, 3) uint8 BGR from (s² H W, 3) linear RGB samples, with a soft shoulder instead of burnt-out whites."""
    toned = np.where(radiance > 0.7, 0.7 + 0.3 * np.tanh((radiance - 0.7) / 0.3), radiance)
    encoded = toned.clip(0, 1) ** (1 / 2.2)
    grid = encoded.reshape(size[0], SUPERSAMPLING, size[1], SUPERSAMPLING, 3).mean((1, 3))
    return np.asarray(np.round(grid[..., ::-1] * 255), np.uint8)
