"""Cutting and smoothing triangle surfaces: what turns a body's helper surfaces into garments."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from model.arrays import FloatArray, IntArray
from model.training.synthetic.vectors import f32


@dataclass(frozen=True)
class Cut:
    """A piece of a surface, whose border runs through edges of the old one.

    Attributes:
        faces: (F, 3) vertex numbers; V and above are the E new vertices, in order.
        edges: (E, 2) the old vertices between which each new one lies.
        mix: (E,) how far along, 0 at the first.
    """

    faces: IntArray
    edges: IntArray
    mix: FloatArray

    def extend(self, values: FloatArray) -> FloatArray:
        """(V + E, C) values for old and new vertices from (V, C)."""
        first, second = values[self.edges[:, 0]], values[self.edges[:, 1]]
        return f32(np.concatenate([values, first + self.mix[:, None] * (second - first)]))


def cut(faces: IntArray, levels: FloatArray) -> Cut:
    """The part of a surface where a function is positive; triangles on the border are divided along it.

    Args:
        faces: (F, 3) vertex numbers.
        levels: (V,) the function at the vertices, linear in between.
    """
    inside = levels > 0
    count = inside[faces].sum(1)
    border = faces[(count == 1) | (count == 2)]
    # Turn each border triangle so that the corner that differs from the other two comes first.
    mask = inside[border]
    alone = np.argmax(mask == (mask.sum(1) == 1)[:, None], 1)
    turned = np.take_along_axis(border, (alone[:, None] + np.arange(3)) % 3, 1)

    pairs = np.sort(np.concatenate([turned[:, [0, 1]], turned[:, [0, 2]]]), 1)
    edges, number = np.unique(pairs, axis=0, return_inverse=True)
    start, stop = levels[edges[:, 0]], levels[edges[:, 1]]
    new_1, new_2 = (number.reshape(2, -1) + len(levels)).tolist() if len(turned) else ([], [])
    first, second, third = turned.T
    kept_corner = inside[first]
    tips = np.stack([first, np.array(new_1, int), np.array(new_2, int)], 1)[kept_corner]
    quads = np.stack([np.array(new_1, int), second, third, np.array(new_2, int)], 1)[~kept_corner]
    pieces = [faces[count == 3], tips, quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]
    return Cut(np.concatenate(pieces), edges, (start / (start - stop)).astype(np.float32))


def smooth(vertices: FloatArray, faces: IntArray, rounds: int) -> FloatArray:
    """Smooth a surface without shrinking it (Taubin, "A signal processing approach to fair surface design", 1995).

    Args:
        vertices: (V, 3); those that no triangle uses stay.
        faces: (F, 3) vertex numbers.
        rounds: How often to smooth.
    """
    start, stop = faces[:, [0, 1, 2]].ravel(), faces[:, [1, 2, 0]].ravel()
    edges = sparse.coo_array((np.ones(len(start)), (start, stop)), shape=(len(vertices), len(vertices))).tocsr()
    linked = ((edges + edges.T) > 0).astype(np.float64)
    neighbours: FloatArray = f32(linked.sum(1))
    used = (neighbours > 0)[:, None]
    mean = sparse.diags_array(1 / np.maximum(neighbours, 1)) @ linked
    result = vertices.astype(np.float64)
    for _ in range(rounds):
        for step in (0.5, -0.53):
            result = np.where(used, result + step * (mean @ result - result), result)
    return f32(result)
