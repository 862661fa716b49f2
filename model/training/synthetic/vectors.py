"""Small helpers for vectors and rotations, in NumPy's float32."""

import numpy as np
import numpy.typing as npt

from model.arrays import FloatArray


def f32(values: npt.ArrayLike) -> FloatArray:
    """Values as a float32 array."""
    return np.asarray(values, np.float32)


def unit(vectors: npt.ArrayLike) -> FloatArray:
    """(..., 3) vectors brought to length 1; those of no length stay so."""
    vectors = f32(vectors)
    return f32(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True).clip(1e-12))


def smoothstep(values: npt.ArrayLike) -> FloatArray:
    """0 below 0, 1 above 1, and a smooth rise between."""
    clipped = f32(values).clip(0, 1)
    return f32(clipped * clipped * (3 - 2 * clipped))


def rotation(axis: npt.ArrayLike, degrees: float) -> FloatArray:
    """(3, 3) matrix that turns by an angle about an axis, counter-clockwise as seen from its tip (Rodrigues)."""
    x, y, z = unit(axis)
    angle = np.radians(degrees)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return f32(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
