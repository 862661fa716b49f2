"""A small software rasteriser: triangles to per-pixel triangle numbers, weights and depths.

Every triangle is expanded into the pixels of its bounding box, all triangles at once, so that there is no loop over
triangles; it is meant for finely divided meshes, whose triangles cover few pixels each.
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.training.synthetic.vectors import f32, unit

_SMALLEST_AREA = 1e-9  # twice the area in square pixels below which a triangle counts as seen edge-on


@dataclass(frozen=True)
class Fragments:
    """What is seen of a mesh in an image of H by W pixels, for the N pixels that it covers.

    Attributes:
        pixels: (N,) row-major pixel numbers, ascending.
        faces: (N,) number of the nearest triangle in each.
        weights: (N, 3) weights of that triangle's corners at the point that the pixel's centre shows.
        depth: (H, W) distance along the optical axis, in the unit of the vertices; infinite where nothing is seen.
    """

    pixels: IntArray
    faces: IntArray
    weights: FloatArray
    depth: FloatArray

    def interpolate(self, values: FloatArray, faces: IntArray) -> FloatArray:
        """(N, C) values at the covered pixels, from (V, C) values at the vertices of (F, 3) triangles."""
        return f32(np.einsum("nk,nkc->nc", self.weights, values[faces[self.faces]]))

    @property
    def covered(self) -> BoolArray:
        """(H, W) whether the mesh is seen at a pixel."""
        return np.isfinite(self.depth)


def rasterize(
    points: FloatArray, faces: IntArray, size: tuple[int, int], *, near: float = 0.05, perspective: bool = True
) -> Fragments:
    """Find the nearest triangle at every pixel's centre. Both sides of a triangle are seen.

    Args:
        points: (V, 3) x and y in pixels (centres at integers) and depth along the optical axis.
        faces: (F, 3) vertex numbers.
        size: (H, W) of the image.
        near: Triangles with a corner nearer than this are left out.
        perspective: Whether points were divided by their depth, as a pinhole camera does, or seen along parallel rays.
    """
    height, width = size
    corners = points[faces].astype(np.float64)
    low = np.ceil(corners[..., :2].min(1)).clip(0).astype(np.int64)
    high = np.floor(corners[..., :2].max(1)).clip(-1, (width - 1, height - 1)).astype(np.int64)
    spans = (high - low + 1).clip(0)
    edge_1, edge_2 = corners[:, 1, :2] - corners[:, 0, :2], corners[:, 2, :2] - corners[:, 0, :2]
    area = edge_1[:, 0] * edge_2[:, 1] - edge_1[:, 1] * edge_2[:, 0]
    usable = (corners[..., 2].min(1) > near) & (np.abs(area) > _SMALLEST_AREA)
    counts = np.where(usable, spans.prod(1), 0)

    candidate = np.repeat(np.arange(len(faces)), counts)
    within = np.arange(len(candidate)) - np.repeat(np.cumsum(counts) - counts, counts)
    x = low[candidate, 0] + within % spans[candidate, 0]
    y = low[candidate, 1] + within // spans[candidate, 0]
    offset_x, offset_y = x - corners[candidate, 0, 0], y - corners[candidate, 0, 1]
    second = (offset_x * edge_2[candidate, 1] - offset_y * edge_2[candidate, 0]) / area[candidate]
    third = (edge_1[candidate, 0] * offset_y - edge_1[candidate, 1] * offset_x) / area[candidate]
    inside = (second >= 0) & (third >= 0) & (second + third <= 1)
    candidate, x, y, second, third = (values[inside] for values in (candidate, x, y, second, third))

    weights = np.stack([1 - second - third, second, third], 1)
    if perspective:  # weights in the picture interpolate 1 / depth
        weights /= corners[candidate, :, 2]
        weights /= weights.sum(1, keepdims=True)
    depth = (weights * corners[candidate, :, 2]).sum(1)

    # Of repeated indices, assignment keeps the last: the farthest are written first.
    order = np.argsort(-depth, kind="stable")
    nearest = np.full(height * width, -1, np.int64)
    nearest[(y * width + x)[order]] = order
    pixels = np.flatnonzero(nearest >= 0)
    chosen = nearest[pixels]
    depth_image = np.full(height * width, np.inf, np.float32)
    depth_image[pixels] = depth[chosen]
    return Fragments(pixels, candidate[chosen], weights[chosen].astype(np.float32), depth_image.reshape(height, width))


def vertex_normals(vertices: FloatArray, faces: IntArray) -> FloatArray:
    """(V, 3) unit normals, the mean of the adjacent triangles' weighted by their areas; zero for an unused vertex."""
    corners = vertices[faces]
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    index = faces.ravel()
    normals = np.stack(
        [np.bincount(index, np.repeat(weighted[:, axis], 3), minlength=len(vertices)) for axis in range(3)], 1
    )
    return unit(normals)
