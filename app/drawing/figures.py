"""A person's limbs and joints.

Everything is drawn twice: first dark and a little wider, then in colour. The dark rim keeps a figure legible on any
background and apart from other figures.
"""

import numpy as np

from app.drawing.shapes import capsules, fill
from app.drawing.style import JOINT_CORE, OUTLINE, SIDE_COLOURS, DrawingStyle
from app.results import Person
from model.arrays import BoolArray, UInt8Array
from model.skeletons import Skeleton

_REACH = 2.0**15  # pixels; OpenCV's own limit on a picture's side. A keypoint beyond it is no place to draw a limb to

# The points of the face lie close together and are drawn finer than the body.
_FACE = ("nose", "eye", "ear")
_FACE_WIDTH = 0.5  # of a limb's

_JOINT_RADIUS = 0.9  # of a limb's width
_CORE_RADIUS = 0.45


def draw_figure(canvas: UInt8Array, person: Person, skeleton: Skeleton, style: DrawingStyle, limb_width: float) -> None:
    """Draw a person's skeleton.

    Args:
        canvas: (H, W, 3) uint8 BGR, drawn on.
        person: Keypoints may lie outside the canvas.
        skeleton: Convention of the keypoints.
        style: What is drawn of it.
        limb_width: In pixels.
    """
    visible = visible_keypoints(person, style.keypoint_threshold)
    widths = limb_width * np.array([_FACE_WIDTH if _of_face(name) else 1.0 for name in skeleton.keypoint_names])
    links = [(a, b) for a, b in skeleton.links if style.skeleton and visible[a] and visible[b]]
    joints = [joint for joint in range(skeleton.keypoints) if style.joints and visible[joint]]

    limbs = np.array(links, np.intp).reshape(-1, 2)
    starts = np.concatenate([person.keypoints[limbs[:, 0]], person.keypoints[joints]])
    ends = np.concatenate([person.keypoints[limbs[:, 1]], person.keypoints[joints]])
    radii = np.concatenate([widths[limbs].min(axis=1) / 2, widths[joints] * _JOINT_RADIUS])
    sides = [skeleton.link_side(link) for link in links] + [skeleton.side(joint) for joint in joints]
    rim = 0.8 + 0.18 * limb_width

    fill(canvas, capsules(starts, ends, radii + rim), [OUTLINE] * len(radii))
    fill(canvas, capsules(starts, ends, radii), [SIDE_COLOURS[side] for side in sides])
    centres = person.keypoints[joints]
    fill(canvas, capsules(centres, centres, widths[joints] * _CORE_RADIUS), [JOINT_CORE] * len(joints))


def visible_keypoints(person: Person, threshold: float) -> BoolArray:
    """(K,) which keypoints are sure enough to be drawn, and not absurdly far away."""
    near = np.all(np.abs(person.keypoints) < _REACH, axis=1)
    return np.asarray((person.scores >= threshold) & near)


def _of_face(keypoint_name: str) -> bool:
    return keypoint_name.removeprefix("left_").removeprefix("right_") in _FACE
