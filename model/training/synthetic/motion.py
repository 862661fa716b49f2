"""Moving people: they walk along a path, and gestures are laid on top. Angles are in degrees."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.training.synthetic.rig import Rig
from model.training.synthetic.steps import Foot, Route, ease, foot_at, hip_height, pose_legs, turned
from model.training.synthetic.vectors import f32, rotation, unit

_X, _Y, _Z = (1, 0, 0), (0, 1, 0), (0, 0, 1)
_BEAT_S = 0.62  # of a waving hand
_SETTLING_S = np.linspace(-0.08, 0.08, 5)  # the hips' height is the mean over this time, or they would jerk
ARMS = {side: (f"upperarm01.{side}", f"lowerarm01.{side}", f"wrist.{side}") for side in "LR"}


class Arm(NamedTuple):
    """How an arm is held.

    Attributes:
        upper: (3,) direction of the upper arm in the trunk's axes: x outwards, y backwards, z up.
        lower: (3,) of the forearm, not parallel to it.
        palm: By how much the palm turns from the thigh's side forwards.
    """

    upper: FloatArray
    lower: FloatArray
    palm: float = 0.0


@dataclass
class Posture:
    """How a body holds itself above the legs, all in the body's own axes.

    Attributes:
        lean: Trunk forwards.
        bend: Trunk to the left.
        twist: Shoulders to the left against the hips.
        nod: Head downwards.
        look: Head to the left.
        tilt: Head to the left shoulder.
        arms: By side.
    """

    lean: float = 0.0
    bend: float = 0.0
    twist: float = 0.0
    nod: float = 0.0
    look: float = 0.0
    tilt: float = 0.0
    arms: dict[str, Arm] = field(default_factory=dict)


def hang(swing: float, bend: float = 14.0) -> Arm:
    """An arm at the side: `swing` degrees forwards, the elbow bent by `bend`."""
    upper = rotation(_X, -swing) @ f32([0.17, 0.03, -1])
    lower = rotation(_X, -swing - bend - 0.4 * max(swing, 0)) @ f32([0.10, -0.02, -1])
    return Arm(f32(upper), f32(lower))


def blend_arms(first: Arm, second: Arm, share: float) -> Arm:
    """From one arm position (share 0) to another (1), each segment along its arc."""
    upper, lower = _arc(first.upper, second.upper, share), _arc(first.lower, second.lower, share)
    return Arm(upper, lower, first.palm + share * (second.palm - first.palm))


def _arc(start: FloatArray, stop: FloatArray, share: float) -> FloatArray:
    start, stop = unit(start), unit(stop)
    angle = float(np.arccos(np.clip(np.dot(start, stop), -1, 1)))
    if angle < 1e-4:
        return stop
    return f32((np.sin((1 - share) * angle) * start + np.sin(share * angle) * stop) / np.sin(angle))


def pose_upper_body(rig: Rig, posture: Posture) -> None:
    """Bend the trunk, turn the head and place the arms."""
    spine = ("spine05", "spine04", "spine03", "spine02", "spine01")
    for bone in spine:
        for axis, angle in ((_Z, posture.twist), (_X, posture.lean), (_Y, posture.bend)):
            rig.turn(bone, rotation(axis, angle / len(spine)))
    for bone, share in (("neck01", 0.2), ("neck02", 0.15), ("neck03", 0.15), ("head", 0.5)):
        for axis, angle in ((_Z, posture.look), (_X, posture.nod), (_Y, posture.tilt)):
            rig.turn(bone, rotation(axis, angle * share))
    for side, arm in posture.arms.items():
        sign = 1 if side == "L" else -1
        raised = float(np.clip(unit(arm.upper)[2] + 0.3, 0, 1))
        rig.turn(f"clavicle.{side}", rotation(_Y, -18 * raised * sign))
        back = rotation(_Y, 18 * raised * sign)  # the arm's directions are the trunk's, not the collarbone's
        mirror = f32([sign, 1, 1])
        rig.aim_limb(ARMS[side], back @ (arm.upper * mirror), back @ (arm.lower * mirror))
        forearm = rig.joint(f"wrist.{side}") - rig.joint(f"lowerarm01.{side}")
        for bone in (f"lowerarm02.{side}", f"wrist.{side}"):
            rig.turn(bone, rotation(forearm, 0.5 * arm.palm * sign))
        _curl_fingers(rig, side, 22.0 - 17.0 * raised)


def _curl_fingers(rig: Rig, side: str, degrees: float) -> None:
    across = rig.joint(f"finger2-1.{side}") - rig.joint(f"finger5-1.{side}")
    for finger in (2, 3, 4, 5):
        for joint in (1, 2, 3):
            axis = across if side == "R" else -across
            rig.turn(f"finger{finger}-{joint}.{side}", rotation(axis, degrees * (0.55 + 0.1 * finger)))


Gesture = Callable[[float, Posture], None]


@dataclass(frozen=True)
class Walker:
    """A person who walks along a path and makes gestures on the way.

    Attributes:
        route: Where they go.
        gestures: Each changes the posture that walking gives, at a time in seconds.
        phase_s: Shifts the rhythm of the steps, so that two people do not step in unison.
    """

    route: Route
    gestures: tuple[Gesture, ...] = ()
    phase_s: float = 0.0

    def pose(self, rig: Rig, time_s: float, sole: float) -> None:
        """Pose a body at a moment. `sole` is the height of the soles at rest."""
        feet = self._feet(time_s)
        here = self.route(time_s)
        place, heading = here[:2], float(here[2])
        heights = []
        for moment in time_s + _SETTLING_S:
            x, y, faces = self.route(moment)
            heights.append(hip_height(rig, self._feet(moment), f32([x, y]), float(faces), sole))
        covered = self.route(time_s + 0.2)[:2] - self.route(time_s - 0.2)[:2]
        pace = min(float(np.linalg.norm(covered)) / 0.4, 1.4)  # metres a second
        sway = np.mean([feet[side].ground for side in "LR"], 0) * 0.25 + place * 0.75
        advance = {side: float(np.dot(foot.ground - place, turned(0, -1, heading))) for side, foot in feet.items()}
        # Nobody stands quite still.
        idle = np.sin(2 * np.pi * (time_s + self.phase_s) / np.array([3.4, 2.3])) * max(0.0, 1 - 2 * pace)
        sway = sway + turned(0.012 * float(idle[0]), 0.0, heading)
        posture = Posture(lean=3.0 * pace + 0.5 * float(idle[1]), bend=-1.2 * float(idle[0]))
        posture.twist = -14 * (advance["L"] - advance["R"]) + 0.8 * float(idle[1])
        posture.look, posture.nod = -0.6 * posture.twist, 1.5 * float(idle[0])
        posture.arms = {"L": hang(55 * advance["R"], 12 + 10 * pace), "R": hang(55 * advance["L"], 12 + 10 * pace)}
        for gesture in self.gestures:
            gesture(time_s, posture)
        pose_legs(rig, feet, f32(np.append(sway, np.mean(heights))), heading, sole)
        pose_upper_body(rig, posture)

    def _feet(self, time_s: float) -> dict[str, Foot]:
        def ahead(moment: float) -> FloatArray:
            return self.route(moment - self.phase_s)

        return {side: foot_at(ahead, time_s + self.phase_s, side) for side in "LR"}


def wave(side: str, start_s: float, end_s: float) -> Gesture:
    """Raise an arm and wave the hand to and fro between two moments."""

    def gesture(time_s: float, posture: Posture) -> None:
        share = ease((time_s - start_s) / 0.7) * ease((end_s - time_s) / 0.7)
        if share <= 0:
            return
        swing = float(np.sin(2 * np.pi * (time_s - start_s) / _BEAT_S))
        upper = f32([0.86, -0.28, -0.12 + 0.05 * swing])
        lower = f32(rotation(_Y, 6 - 22 * swing) @ f32([0.0, -0.25, 1.0]))
        posture.arms[side] = blend_arms(posture.arms[side], Arm(upper, lower, 80.0), share)
        posture.bend += (-3 if side == "L" else 3) * share
        posture.tilt += (4 if side == "L" else -4) * share

    return gesture


def look_at(degrees: float, start_s: float, end_s: float) -> Gesture:
    """Turn the head to the left between two moments."""

    def gesture(time_s: float, posture: Posture) -> None:
        share = ease((time_s - start_s) / 0.6) * ease((end_s - time_s) / 0.6)
        posture.look += share * degrees

    return gesture
