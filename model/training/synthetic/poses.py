"""Random poses for training pictures: walking, standing, reaching, crouching, a leg raised."""

import numpy as np

from model.arrays import FloatArray
from model.training.synthetic.motion import Arm, Posture, Walker, hang, pose_upper_body
from model.training.synthetic.rig import Rig
from model.training.synthetic.steps import STEP_S, Foot, Route, hip_height, pose_legs
from model.training.synthetic.vectors import f32

# Directions of upper arm and forearm (x outwards, y backwards, z up) and the turn of the palm.
_ARMS = {
    "wave": ((0.85, -0.25, -0.1), (0.1, -0.25, 1.0), 80.0),
    "overhead": ((0.35, -0.15, 1.0), (-0.1, -0.1, 1.0), 60.0),
    "forwards": ((0.15, -1.0, -0.05), (0.0, -1.0, 0.25), 40.0),
    "sideways": ((1.0, 0.0, 0.0), (1.0, -0.3, 0.15), 30.0),
    "on hip": ((0.65, 0.4, -0.75), (-0.75, -0.45, -0.5), 0.0),
    "folded": ((0.2, -0.3, -1.0), (-0.85, -0.5, 0.15), 10.0),
    "at ear": ((0.45, -0.5, -0.55), (-0.3, 0.1, 0.95), 20.0),
    "bent": ((0.2, 0.1, -1.0), (0.0, -1.0, 0.1), 20.0),
}


def _arm(random: np.random.Generator) -> Arm:
    if random.uniform() < 0.35:
        return hang(random.uniform(-25, 40), random.uniform(5, 60))
    upper, lower, palm = list(_ARMS.values())[int(random.integers(len(_ARMS)))]
    jitter = random.normal(0, 0.13, (2, 3))
    return Arm(f32(upper + jitter[0]), f32(lower + jitter[1]), palm)


def _upper_body(random: np.random.Generator, posture: Posture) -> None:
    posture.lean += random.normal(2, 6)
    posture.bend += random.normal(0, 5)
    posture.twist += random.normal(0, 9)
    posture.nod += random.normal(4, 10)
    posture.look += random.normal(0, 18)
    posture.tilt += random.normal(0, 5)


def walk(random: np.random.Generator, rig: Rig, place: FloatArray, heading: float, sole: float) -> None:
    """A moment of a walk through (2,) `place`, sometimes with an arm in use."""
    speed = random.uniform(0.3, 1.05)
    angle = np.radians(heading)
    ahead = speed * np.array([np.sin(angle), -np.cos(angle)])
    keys = [(moment, *(place + moment * ahead), heading) for moment in (-3.0, 3.0)]

    def vary(_: float, posture: Posture) -> None:
        _upper_body(random, posture)
        for side in "LR":
            if random.uniform() < 0.25:
                posture.arms[side] = _arm(random)

    Walker(Route(keys), (vary,), random.uniform(0, 2 * STEP_S)).pose(rig, 0.0, sole)


def stand(random: np.random.Generator, rig: Rig, place: FloatArray, heading: float, sole: float) -> None:
    """On both feet or one, upright or crouching, arms anywhere."""
    angle = np.radians(heading)
    left, back = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    stance = random.uniform(0.08, 0.24)
    feet = {}
    for side, sign in (("L", 1), ("R", -1)):
        ground = place + sign * stance * left + random.normal(0, 0.07) * back
        feet[side] = Foot(f32(ground), heading + sign * random.uniform(-5, 25))
    if random.uniform() < 0.15:
        side = "LR"[int(random.integers(2))]
        ground = feet[side].ground - random.uniform(-0.3, 0.5) * back
        feet[side] = Foot(f32(ground), heading, random.uniform(0.1, 0.4), random.uniform(0, 30))
    posture = Posture(arms={side: _arm(random) for side in "LR"})
    _upper_body(random, posture)
    crouch = random.uniform(0.1, 0.3) if random.uniform() < 0.15 else abs(random.normal(0, 0.015))
    posture.lean += 80 * crouch
    pelvis = np.append(place + 0.18 * crouch * back, hip_height(rig, feet, place, heading, sole) - crouch)
    pose_legs(rig, feet, f32(pelvis), heading, sole)
    pose_upper_body(rig, posture)
