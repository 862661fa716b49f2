"""Rendering and light, on boxes that stand in for people."""

import numpy as np
import pytest

from model.arrays import FloatArray
from model.training.synthetic.body import BodyModel
from model.training.synthetic.camera import Camera
from model.training.synthetic.lighting import Light, ParallelView, ambient_occlusion, contact_shadow
from model.training.synthetic.render import SUPERSAMPLING, Actor, Rendering, render
from model.training.synthetic.room import Block, Room
from model.training.synthetic.scenery import Park, Scenery, Studio
from model.training.synthetic.wardrobe import DressedBody, Material, Outfit
from tests.model.training.synthetic.shapes import box, grid

CAMERA = Camera((0, -4, 1.5), (0, 0, 0.6), (48, 64), 60.0)
LIGHT = Light((-1, -0.3, 1))
BOX = ((-0.3, -0.2, 0.0), (0.3, 0.2, 1.2))


def actor(
    low: tuple[float, float, float], high: tuple[float, float, float], colour: tuple[float, float, float]
) -> Actor:
    vertices, faces = box(low, high)
    count = len(vertices)
    model = BodyModel(
        template=vertices, surfaces={}, bones=("root",), parents=np.array([-1]),
        template_joints=np.zeros((1, 3), np.float32), weights=np.ones((count, 1), np.float32),
        keypoint_weights=np.full((17, count), 1 / count, np.float32), network=None,
    )  # fmt: skip
    body = DressedBody(
        vertices=vertices, weights=model.weights, paint=np.zeros_like(vertices), faces=faces,
        materials=np.full(len(faces), Material.TOP), occlusion=np.ones(count, np.float32),
        joints=model.template_joints, model=model, outfit=Outfit(top_colour=colour),
    )  # fmt: skip
    return Actor.posed(body, body.rig())


def picture(*actors: Actor) -> Rendering:
    return render(list(actors), CAMERA, Studio((0.8, 0.8, 0.8))(CAMERA.scaled(SUPERSAMPLING)), LIGHT)


def test_people_are_seen_in_their_colours_where_they_stand() -> None:
    result = picture(actor(*BOX, colour=(0.9, 0.1, 0.1)))
    x, y = CAMERA.project(np.float32([[0, -0.2, 0.6]]))[0, :2].round().astype(int)
    blue, green, red = result.image[y, x].astype(int)
    assert red > green + 60
    assert abs(green - blue) < 25
    assert result.owners[y * SUPERSAMPLING, x * SUPERSAMPLING] == 0
    assert result.depth[y * SUPERSAMPLING, x * SUPERSAMPLING] == pytest.approx(4, abs=0.4)


def test_the_nearer_person_hides_the_other() -> None:
    near, far = actor((-0.3, -1, 0), (0, -0.8, 1.2), (0, 0, 1)), actor((-0.3, 0.5, 0), (0.6, 0.8, 1.2), (0, 1, 0))
    owners = picture(far, near).owners
    x, y = CAMERA.scaled(SUPERSAMPLING).project(np.float32([[-0.15, -1, 0.6]]))[0, :2].round().astype(int)
    assert owners[y, x] == 1
    assert (owners == 0).any()


def test_keypoints_follow_the_pose() -> None:
    body = actor(*BOX, colour=(1, 1, 1)).body
    rig = body.rig()
    rig.place((1, 2, 3))
    moved = Actor.posed(body, rig)
    np.testing.assert_allclose(moved.keypoints, np.tile([1, 2, 3.6], (17, 1)), atol=1e-5)
    assert body.sole == 0


def test_shadows_fall_away_from_the_lamp() -> None:
    vertices, faces = box(*BOX)
    view = ParallelView(vertices, faces, LIGHT.direction, 256)
    lamp_side, far_side, away = np.float32([[-0.8, -0.3, 0]]), np.float32([[0.9, 0.2, 0]]), np.float32([[5, 5, 0]])
    light = [float(view.shade_behind(point, 0.03)[0]) for point in (lamp_side, far_side, away)]
    assert light[0] > 0.99
    assert light[1] < 0.05
    assert light[2] == 1


def test_a_surface_lights_up_on_the_lamps_side_alone() -> None:
    vertices, faces = box(*BOX)
    view = ParallelView(vertices, faces, LIGHT.direction, 256)
    lit, shaded = np.float32([[-0.3, 0, 0.9]]), np.float32([[0.3, 0, 0.3]])
    assert view.lit(lit)[0] == 1
    assert view.lit(shaded)[0] == 0


def test_the_floor_darkens_under_a_body_and_not_far_from_it() -> None:
    vertices, faces = box(*BOX)
    under, beside, away = contact_shadow(vertices, faces, np.float32([[0, 0, 0], [0.45, 0, 0], [3, 3, 0]]))
    assert under < beside < away
    assert away > 0.99


def test_a_corner_is_darker_than_an_open_place() -> None:
    floor, faces = grid(9)
    wall = np.stack([floor[:, 0], np.ones(len(floor), np.float32), floor[:, 1]], 1)
    vertices = np.concatenate([floor, wall])
    light = ambient_occlusion(vertices, np.concatenate([faces, faces + len(floor)]), directions=64)
    open_place, corner = light[1 * 9 + 4], light[7 * 9 + 4]
    assert corner < open_place - 0.1


def floor_points(scenery: Scenery) -> FloatArray:
    backdrop = scenery(CAMERA)
    on_floor = (backdrop.normals[:, 2] > 0.99) & (np.abs(backdrop.points[:, 2]) < 1e-3)
    return backdrop.points[on_floor]


@pytest.mark.parametrize("scenery", [Studio(), Room(), Room(floor="tiles", wallpaper="bricks"), Park(3)])
def test_scenery_lies_where_its_pixels_look(scenery: Scenery) -> None:
    backdrop = scenery(CAMERA)
    assert len(floor_points(scenery)) > 100
    visible = np.linalg.norm(backdrop.points, axis=1) < 100  # the sky is anywhere
    row, column = np.indices(CAMERA.size).reshape(2, -1)
    projected = CAMERA.project(backdrop.points)[visible]
    np.testing.assert_allclose(projected[:, :2], np.stack([column, row], 1)[visible], atol=0.02)
    assert np.isfinite(backdrop.albedo).all()
    assert backdrop.albedo.min() >= 0


def test_furniture_stands_before_the_wall() -> None:
    block = Block((-0.5, 1.0, 0.0), (0.5, 1.5, 1.0), (0.5, 0.3, 0.2), drawers=2)
    furnished, bare = Room(furniture=(block,))(CAMERA), Room(furniture=())(CAMERA)
    x, y = CAMERA.project(np.float32([[0, 1.0, 0.5]]))[0, :2].round().astype(int)
    pixel = y * CAMERA.size[1] + x
    assert furnished.points[pixel, 1] == pytest.approx(1.0, abs=1e-3)
    assert furnished.normals[pixel].tolist() == [0, -1, 0]
    assert bare.points[pixel, 1] > 1.5
