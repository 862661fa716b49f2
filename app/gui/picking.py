"""Who is under the mouse."""

import numpy as np

from app.results import FrameResult, Person
from model.arrays import FloatArray
from model.skeletons import Skeleton

_LEGIBLE = 0.3  # keypoints scored lower say nothing about where somebody is


def person_at(result: FrameResult, skeleton: Skeleton, x: float, y: float) -> int | None:
    """Track id of the person at a point of the frame; None where nobody is.

    Of several whose boxes hold the point it is the one with a limb nearest to it.
    """
    point = np.array([x, y], np.float32)
    held = [p for p in result.persons if bool(np.all(p.box[:2] <= point) and np.all(point <= p.box[2:]))]
    nearest = min(held, key=lambda person: _distance(person, skeleton, point), default=None)
    return None if nearest is None else nearest.track_id


def _distance(person: Person, skeleton: Skeleton, point: FloatArray) -> float:
    """From the point to the nearest limb, in pixels; to the box's middle where no limb is seen."""
    links = [link for link in skeleton.links if person.scores[list(link)].min() >= _LEGIBLE]
    if not links:
        return float(np.hypot(*((person.box[:2] + person.box[2:]) / 2 - point)))
    starts, ends = person.keypoints[[a for a, _ in links]], person.keypoints[[b for _, b in links]]
    along = ends - starts
    lengths = np.maximum((along**2).sum(axis=1), 1e-6)
    share = np.clip(((point - starts) * along).sum(axis=1) / lengths, 0, 1)
    return float(np.hypot(*(starts + share[:, None] * along - point).T).min())
