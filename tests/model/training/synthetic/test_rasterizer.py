import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from model.arrays import FloatArray
from model.training.synthetic.camera import Camera
from model.training.synthetic.rasterizer import rasterize, vertex_normals
from tests.model.training.synthetic.shapes import box

SIZE = (12, 15)


def depth_by_rays(camera: Camera, triangles: FloatArray) -> FloatArray:
    """(H, W) depths of (F, 3, 3) triangles in the world, each pixel's ray met with each triangle (Möller, Trumbore)."""
    eye, rays = np.float64(camera.position), camera.rays().astype(np.float64)
    depth = np.full(camera.size, np.inf)
    for first, second, third in triangles.astype(np.float64):
        across, along = second - first, third - first
        normals = np.cross(rays, along)
        u = normals @ (eye - first) / (normals @ across)
        v = rays @ np.cross(eye - first, across) / (normals @ across)
        distance = along @ np.cross(eye - first, across) / (normals @ across)
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 0)
        depth = np.where(hit, np.minimum(depth, distance), depth)
    return depth.astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_depths_are_those_of_rays_through_the_pixels(seed: int) -> None:
    random = np.random.default_rng(seed)
    aside, up, target = random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-0.3, 0.3, 3)
    camera = Camera((aside, -4, up), (target[0], target[1], target[2]), SIZE, 18.0)
    triangles = random.uniform(-1, 1, (5, 3, 3)).astype(np.float32)
    fragments = rasterize(camera.project(triangles.reshape(-1, 3)), np.arange(15).reshape(5, 3), SIZE)
    wanted = depth_by_rays(camera, triangles)
    # A ray that just grazes an edge may fall to either side.
    settled = np.isfinite(wanted) == fragments.covered
    assert settled.mean() > 0.98
    np.testing.assert_allclose(fragments.depth[settled], wanted[settled], rtol=1e-3)


def test_values_are_interpolated_in_the_world_and_not_in_the_picture() -> None:
    camera = Camera((0, -2, 1), (0, 0, 0.5), (60, 80), 70.0)
    vertices = np.float32([[-1, -1, 0], [1, -1, 0], [1, 3, 0], [-1, 3, 0]])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    fragments = rasterize(camera.project(vertices), faces, camera.size)
    places = fragments.interpolate(vertices, faces)
    rays = camera.rays().reshape(-1, 3)[fragments.pixels]
    on_floor = np.float32(camera.position) - rays * (camera.position[2] / rays[:, 2:])
    np.testing.assert_allclose(places, on_floor, atol=1e-3)


def test_along_parallel_rays_depth_is_linear_in_the_picture() -> None:
    points = np.float32([[-1, -1, 1], [20, -1, 22], [-1, 14, 1]])
    fragments = rasterize(points, np.array([[0, 1, 2]]), SIZE, perspective=False)
    column = fragments.pixels % SIZE[1]
    assert len(column) > 50
    np.testing.assert_allclose(fragments.depth.ravel()[fragments.pixels], column + 2, rtol=1e-5)


def test_triangles_behind_the_camera_are_left_out() -> None:
    camera = Camera((0, -2, 0), (0, 0, 0), SIZE, 18.0)
    behind = np.float32([[-9, -4, -9], [9, -4, -9], [0, -4, 9]])
    assert not rasterize(camera.project(behind), np.array([[0, 1, 2]]), SIZE).covered.any()


def test_a_projected_ray_returns_to_its_pixel() -> None:
    camera = Camera((0.4, -3, 1.2), (0, 0.2, 0.9), SIZE, 18.0)
    points = np.float32(camera.position) + 2.5 * camera.rays().reshape(-1, 3)
    row, column = np.indices(SIZE).reshape(2, -1)
    projected = camera.project(points)
    np.testing.assert_allclose(projected, np.stack([column, row, np.full(row.size, 2.5)], 1), atol=1e-4)


def test_a_camera_upright_sees_left_on_the_left_and_up_on_top() -> None:
    camera = Camera((0, -3, 1), (0, 0, 1), SIZE, 18.0)
    left_up = camera.project(np.float32([[-0.2, 0, 1.2]]))[0]
    assert left_up[0] < camera.centre[0]
    assert left_up[1] < camera.centre[1]


def test_a_finer_view_shows_the_same() -> None:
    camera = Camera((0, -3, 1), (0, 0, 1), SIZE, 18.0)
    point = np.float32([[0.3, 0.1, 0.8]])
    coarse, fine = camera.project(point)[0], camera.scaled(3).project(point)[0]
    np.testing.assert_allclose((fine[:2] + 0.5) / 3 - 0.5, coarse[:2], atol=1e-5)


def test_normals_point_outwards_and_have_length_one() -> None:
    vertices, faces = box((-1, -1, -1), (1, 1, 1))
    normals = vertex_normals(vertices, faces)
    assert (np.sum(normals * vertices, 1) > 0.5).all()
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)


def test_a_vertex_without_triangles_has_no_normal() -> None:
    vertices, faces = box((0, 0, 0), (1, 1, 1))
    extended = np.concatenate([vertices, np.float32([[5, 5, 5]])])
    assert vertex_normals(extended, faces)[-1].tolist() == [0, 0, 0]
