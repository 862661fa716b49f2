import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from model.arrays import FloatArray, IntArray
from model.training.synthetic.rasterizer import vertex_normals
from model.training.synthetic.surfaces import cut, smooth
from tests.model.training.synthetic.shapes import box, grid


def area(vertices: FloatArray, faces: IntArray) -> float:
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(normals, axis=1).sum() / 2)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_both_sides_of_a_cut_make_up_the_surface(seed: int) -> None:
    vertices, faces = grid(6)
    levels = np.random.default_rng(seed).normal(size=len(vertices)).astype(np.float32)
    pieces = [cut(faces, side) for side in (levels, -levels)]
    areas = [area(piece.extend(vertices), piece.faces) for piece in pieces]
    np.testing.assert_allclose(sum(areas), 1, rtol=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_nothing_is_kept_beyond_the_border(seed: int) -> None:
    vertices, faces = grid(5)
    levels = np.random.default_rng(seed).normal(size=len(vertices)).astype(np.float32)
    piece = cut(faces, levels)
    assert (piece.extend(levels[:, None])[piece.faces] > -1e-5).all()


def test_a_cut_runs_straight_and_keeps_the_way_that_triangles_face() -> None:
    vertices, faces = grid(4)
    piece = cut(faces, 0.5 - vertices[:, 0])
    kept = piece.extend(vertices)
    np.testing.assert_allclose(kept[piece.faces][..., 0].max(), 0.5, atol=1e-6)
    normals = vertex_normals(kept, piece.faces)
    assert (normals[np.unique(piece.faces), 2] > 0.9999).all()


def test_triangles_on_both_sides_of_the_border_share_its_vertices() -> None:
    vertices, faces = grid(4)
    piece = cut(faces, 0.5 - vertices[:, 0])
    assert len(piece.edges) == len(np.unique(piece.edges, axis=0)) == 7  # 4 rows across and 3 diagonals


def test_a_cut_beside_the_surface_keeps_all_or_nothing() -> None:
    vertices, faces = grid(3)
    assert len(cut(faces, np.ones(len(vertices), np.float32)).faces) == len(faces)
    assert len(cut(faces, -np.ones(len(vertices), np.float32)).faces) == 0


def test_smoothing_calms_noise_and_leaves_the_size() -> None:
    flat, faces = grid(12)
    noise = np.random.default_rng(0).normal(0, 0.01, len(flat)).astype(np.float32)
    rough = flat + np.float32([0, 0, 1]) * noise[:, None]
    calm = smooth(rough, faces, 10)
    assert calm[:, 2].std() < 0.4 * noise.std()
    assert abs(np.ptp(calm[:, 0]) - 1) < 0.05


def test_smoothing_leaves_vertices_that_no_triangle_uses() -> None:
    vertices, faces = box((0, 0, 0), (1, 1, 1))
    extended = np.concatenate([vertices, np.float32([[5, 6, 7]])])
    assert smooth(extended, faces, 3)[-1].tolist() == [5, 6, 7]
