"""Simple meshes for the tests of synthetic pictures."""

import numpy as np

from model.arrays import FloatArray, IntArray


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> tuple[FloatArray, IntArray]:
    """A closed box: (8, 3) vertices and (12, 3) triangles, normals outwards."""
    corners = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], np.float32)
    vertices = np.float32(low) + corners * np.subtract(high, low).astype(np.float32)
    quads = np.array([[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]])
    return vertices, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def grid(count: int, size: float = 1.0) -> tuple[FloatArray, IntArray]:
    """A square in the plane z = 0 from the origin: (count², 3) vertices and its triangles, normals upwards."""
    along = np.linspace(0, size, count, dtype=np.float32)
    x, y = np.meshgrid(along, along)
    vertices = np.stack([x.ravel(), y.ravel(), np.zeros(count * count, np.float32)], 1)
    first = (np.arange(count - 1)[:, None] * count + np.arange(count - 1)).ravel()
    quads = np.stack([first, first + 1, first + count + 1, first + count], 1)
    return vertices, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
