"""Bones: from rotations to posed vertices, and two-bone limbs that reach a point or take a direction.

Rotations are turns from the rest position about axes of the resting body's world (x to the person's left, y backwards,
z up), relative to the parent bone.
"""

import numpy as np
import numpy.typing as npt

from model.arrays import FloatArray, IntArray
from model.training.synthetic.vectors import f32, unit


def _frame(direction: npt.ArrayLike, hint: npt.ArrayLike) -> FloatArray:
    """(3, 3) columns: a direction, the part of a hint across it, and the axis across both."""
    along, hint = unit(direction), f32(hint)
    across = unit(hint - np.dot(hint, along) * along)
    return f32(np.stack([along, across, np.cross(along, across)], 1))


class Rig:
    """The bones of one body in one pose.

    Args:
        bones: B names, parents before children.
        parents: (B,) number of each bone's parent, -1 for the root.
        joints: (B, 3) where each bone begins at rest.
    """

    def __init__(self, bones: tuple[str, ...], parents: IntArray, joints: FloatArray) -> None:
        self._numbers = {bone: number for number, bone in enumerate(bones)}
        self._parents = parents
        self._joints = joints
        self._local = np.repeat(np.eye(3, dtype=np.float32)[None], len(bones), 0)
        self._shift = np.zeros(3, np.float32)

    def joint(self, bone: str) -> FloatArray:
        """(3,) where a bone begins at rest."""
        return f32(self._joints[self._numbers[bone]])

    def place(self, shift: npt.ArrayLike) -> None:
        """Move the whole body by (3,) metres from its place at rest."""
        self._shift = f32(shift)

    def turn(self, bone: str, by: FloatArray) -> None:
        """Turn a bone, and all that hangs on it, by a (3, 3) rotation on top of earlier ones."""
        number = self._numbers[bone]
        self._local[number] = by @ self._local[number]

    def transforms(self) -> FloatArray:
        """(B, 3, 4) map of each bone's points from rest to pose."""
        turns, places = np.empty_like(self._local), np.empty_like(self._joints)
        for number, parent in enumerate(self._parents):
            if parent < 0:
                turns[number], places[number] = self._local[number], self._joints[number] + self._shift
            else:
                turns[number] = turns[parent] @ self._local[number]
                places[number] = places[parent] + turns[parent] @ (self._joints[number] - self._joints[parent])
        moves = places - np.einsum("bij,bj->bi", turns, self._joints)
        return np.concatenate([turns, moves[..., None]], 2)

    def aim_limb(self, limb: tuple[str, str, str], upper: npt.ArrayLike, lower: npt.ArrayLike) -> None:
        """Give a limb's two segments directions; the hinge between them turns in its natural sense.

        Args:
            limb: Bones where the upper segment, the lower segment and the hand or foot begin.
            upper: (3,) direction of the upper segment in the parent's axes.
            lower: (3,) direction of the lower segment in the same axes; not parallel to `upper`.
        """
        first, second, end = (self.joint(bone) for bone in limb)
        rest_upper, rest_lower = second - first, end - second
        upper, lower = f32(upper), f32(lower)
        turn_upper = _frame(upper, lower) @ _frame(rest_upper, rest_lower).T
        turn_lower = _frame(lower, -upper) @ _frame(rest_lower, -rest_upper).T
        self._local[self._numbers[limb[0]]] = turn_upper
        self._local[self._numbers[limb[1]]] = turn_upper.T @ turn_lower

    def reach(self, limb: tuple[str, str, str], target: npt.ArrayLike, hinge_towards: npt.ArrayLike) -> None:
        """Bend a limb so that its end comes to a point, or as near as it reaches.

        Args:
            limb: As in `aim_limb`.
            target: (3,) in the posed world.
            hinge_towards: (3,) direction in the posed world in which knee or elbow point.
        """
        first, second, end = (self.joint(bone) for bone in limb)
        length_1, length_2 = float(np.linalg.norm(second - first)), float(np.linalg.norm(end - second))
        parent = self.transforms()[self._parents[self._numbers[limb[0]]]]
        start = parent[:, :3] @ first + parent[:, 3]
        line = parent[:, :3].T @ (f32(target) - start)
        distance = float(np.clip(np.linalg.norm(line), abs(length_1 - length_2) * 1.01, (length_1 + length_2) * 0.9995))
        cosine = (length_1**2 + distance**2 - length_2**2) / (2 * length_1 * distance)
        along, across, _ = _frame(line, parent[:, :3].T @ f32(hinge_towards)).T
        upper = cosine * along + np.sqrt(max(0.0, 1 - cosine**2)) * across
        self.aim_limb(limb, upper, distance * along - length_1 * upper)

    def orient(self, bone: str, turn: FloatArray) -> None:
        """Give a bone a (3, 3) rotation in the posed world, whatever its parents do."""
        number = self._numbers[bone]
        self._local[number] = self.transforms()[self._parents[number], :, :3].T @ turn


def skin(vertices: FloatArray, weights: FloatArray, transforms: FloatArray) -> FloatArray:
    """Linear blend skinning: (V, 3) posed vertices from (V, 3) at rest, (V, B) weights and (B, 3, 4) transforms."""
    blended = (weights @ transforms.reshape(len(transforms), 12)).reshape(-1, 3, 4)
    return f32(np.einsum("vij,vj->vi", blended[..., :3], vertices) + blended[..., 3])
