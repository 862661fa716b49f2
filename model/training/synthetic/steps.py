"""Legs: a path on the floor becomes footsteps, and footsteps become hips, knees and ankles.

A foot that stands keeps its place on the floor while the other steps, so that nothing slides; legs are found by inverse
kinematics. Angles are in degrees, headings turn to the person's left; heading 0 faces -y.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.training.synthetic.rig import Rig
from model.training.synthetic.vectors import f32, rotation

_X, _Z = (1, 0, 0), (0, 0, 1)
STEP_S = 0.5  # time from one footfall to the next
_SWING = 0.88  # share of that time during which the stepping foot is in the air
_HALF_STANCE = 0.095  # metres from the middle line to a foot
LEGS = {side: (f"upperleg01.{side}", f"lowerleg01.{side}", f"foot.{side}") for side in "LR"}


def ease(value: float) -> float:
    """0 to 1 with slopes that start and end at nothing, from 0 to 1; clipped outside."""
    clipped = min(max(value, 0.0), 1.0)
    return clipped * clipped * clipped * (clipped * (6 * clipped - 15) + 10)


class Route:
    """Where a person is over time: straight between keys at constant speed, with rounded corners and soft starts.

    Args:
        keys: (time in seconds, x, y in metres, heading in degrees), in order of time.
        rounding_s: Half the time over which corners are rounded.
    """

    def __init__(self, keys: Sequence[tuple[float, float, float, float]], rounding_s: float = 0.3) -> None:
        self._times, *self._values = np.array(keys, float).T
        self._offsets = np.linspace(-1, 1, 13)[1:-1] * rounding_s
        self._weights = np.cos(0.5 * np.pi * self._offsets / rounding_s) ** 2
        self._weights /= self._weights.sum()

    def __call__(self, time_s: float) -> FloatArray:
        """(3,) x, y and heading; before the first key and after the last, those of that key."""
        moments = time_s + self._offsets
        return f32([self._weights @ np.interp(moments, self._times, values) for values in self._values])


@dataclass(frozen=True)
class Foot:
    """A foot's place: its heel-to-toe axis on the floor.

    Attributes:
        ground: (2,) x, y under the ankle if it stood flat there.
        heading: Where it points.
        lift: Metres that the ankle is raised.
        pitch: Positive with the heel up, standing on the ball; negative on the heel with the toes up.
    """

    ground: FloatArray
    heading: float
    lift: float = 0.0
    pitch: float = 0.0


def turned(x: float, y: float, heading: float) -> FloatArray:
    """(2,) the floor direction x, y of somebody with heading 0, for one with this heading."""
    angle = np.radians(heading)
    return f32([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)])


def _stride(place: FloatArray, following: FloatArray) -> float:
    """How much a step goes forward: 0 for none, sideways or back, 1 for a full one of 0.6 m."""
    forward = float(np.dot(following[:2] - place[:2], turned(0, -1, float(place[2]))))
    return min(max(forward / 0.6, 0.0), 1.0)


def foot_at(path: Callable[[float], FloatArray], time_s: float, side: str) -> Foot:
    """One foot at a moment of a walk along a path, stepping in turn with the other."""
    offset = 0.0 if side == "L" else 1.0
    start = (np.floor(time_s / STEP_S / 2 - offset / 2) * 2 + offset) * STEP_S  # when this foot last left the floor
    # Where the body is in the middle of this foot's last, present or coming, and following stance.
    last, coming, following = (path(start + moment * STEP_S) for moment in (-0.5, 1.5, 3.5))
    progress = (time_s - start) / (_SWING * STEP_S)
    until_next = (start + 2 * STEP_S - time_s) / STEP_S
    share = ease(progress)

    sideways = _HALF_STANCE if side == "L" else -_HALF_STANCE
    begin, end = (place[:2] + turned(sideways, 0.0, float(place[2])) for place in (last, coming))
    length = float(np.linalg.norm(end - begin)) + 0.003 * abs(float(coming[2] - last[2]))
    lift = 0.07 * min(length / 0.5, 1.0) * np.sin(np.pi * min(max(progress, 0.0), 1.0)) ** 2
    # The heel rises before the foot leaves the floor; it lands first, and then the foot rolls down.
    pitch = 38 * _stride(last, coming) * (1 - ease(progress / 0.45))
    pitch -= 16 * _stride(last, coming) * _bump(progress, 0.5, 1.0, 1.3)
    pitch += 38 * _stride(coming, following) * ease(1 - until_next / 0.45)
    heading = float(last[2] + share * (coming[2] - last[2]))
    return Foot(f32(begin + share * (end - begin)), heading, float(lift), pitch)


def _bump(value: float, start: float, top: float, end: float) -> float:
    """0 outside start..end, 1 at the top, smooth between."""
    return ease((value - start) / (top - start)) if value < top else ease((end - value) / (end - top))


def pose_legs(rig: Rig, feet: dict[str, Foot], pelvis: FloatArray, heading: float, sole: float) -> None:
    """Place the hips and bring both feet where they belong.

    Args:
        rig: Its root is turned and placed here.
        feet: By side.
        pelvis: (3,) where the root joint goes.
        heading: Of the hips.
        sole: Height of the soles at rest, as z of the resting body.
    """
    rig.turn("root", rotation(_Z, heading))
    rig.place(pelvis - rig.joint("root"))
    for side, foot in feet.items():
        turn, ankle = foot_placement(rig, side, foot, sole)
        knee = np.append(turned(0.0, -1, 0.35 * heading + 0.65 * foot.heading), 0.0)
        rig.reach(LEGS[side], ankle, knee)
        rig.orient(f"foot.{side}", turn)
        if foot.pitch > 0:
            _bend_toes(rig, side, foot.pitch)


def _bend_toes(rig: Rig, side: str, degrees: float) -> None:
    for toe in range(1, 6):
        rig.turn(f"toe{toe}-1.{side}", rotation(_X, -degrees))


def foot_placement(rig: Rig, side: str, foot: Foot, sole: float) -> tuple[FloatArray, FloatArray]:
    """(3, 3) rotation of a foot in the world, and (3,) place of its ankle."""
    ankle, ball = rig.joint(f"foot.{side}"), rig.joint(f"toe2-1.{side}")
    pivot = f32([ankle[0], ball[1] if foot.pitch > 0 else ankle[1] + 0.065, sole])
    out = 6.0 if side == "L" else -6.0
    turn = rotation(_Z, foot.heading + out) @ rotation(_X, foot.pitch)
    # A pitched foot turns about its ball or its heel, which stays where it stands.
    at_rest = rotation(_Z, foot.heading + out) @ (pivot - ankle) + np.append(foot.ground, ankle[2] - sole)
    return turn, f32(at_rest - turn @ (pivot - ankle) + f32([0, 0, foot.lift]))


def hip_height(rig: Rig, feet: dict[str, Foot], place: FloatArray, heading: float, sole: float) -> float:
    """The greatest height of the root joint at which both legs, almost straight, reach their feet.

    Args:
        rig: At rest.
        feet: By side.
        place: (2,) x, y of the hips.
        heading: Of the hips.
        sole: Height of the soles at rest, as z of the resting body.
    """
    limits = []
    for side, foot in feet.items():
        hip, knee, ankle = (rig.joint(bone) for bone in LEGS[side])
        length = 0.992 * float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
        offset = rotation(_Z, heading) @ (hip - rig.joint("root"))
        _, target = foot_placement(rig, side, foot, sole)
        apart = float(np.linalg.norm(target[:2] - place - offset[:2]))
        limits.append(float(target[2] + np.sqrt(max(length**2 - apart**2, 0.0)) - offset[2]))
    return min(limits)
