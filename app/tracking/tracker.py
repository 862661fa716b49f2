"""Following persons from frame to frame under lasting ids.

A frame takes two steps, because the pose network runs in between: `propose` says in which boxes to look for poses, and
`update` hands the poses found there to the tracks. Where the detector ran, poses and tracks are matched by the
Hungarian method on box overlap and keypoint similarity together; where it rested, every track looks in the box that it
expects.

Legend: T tracks, N candidates (boxes to look in), K keypoints.
"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from app.results import Detection
from app.tracking.proposal import Proposal, closeness, propose, stack_boxes
from app.tracking.similarity import LEAST_COMMON, VISIBLE, assign, keypoint_similarity, sigmas_of
from app.tracking.track import Track
from model.arrays import BoolArray, FloatArray
from model.boxes import box_areas, box_iou
from model.skeletons import Skeleton

_LOST_PATIENCE_S = 1.5  # a track out of sight for longer is given up
_UNDETECTED_PATIENCE_S = 3.0  # so long may keypoints alone keep a track that the detector does not see
_SAME = 0.2  # similarity from which a pose may continue a track
_DUPLICATE = 0.6  # keypoint similarity from which two poses are one person's
_DUPLICATE_IOU = 0.8  # the same of boxes, where too few keypoints are seen to compare
_CROWDED, _FIRM = 0.25, 0.8  # overlap and fit at which a pose may be mixed up with a neighbour's
_ALIKE = 0.1  # difference of similarity below which two tracks fit a pose alike
_PLENTY = 8  # keypoints
_EVIDENCE = 0.3  # a person's score from which a newcomer is shown at once; below, the detector must find them twice
_LEAST_INSIDE = 0.15  # of a box; somebody who left the frame further is gone


class Tracker:
    """Keeps the tracks. Frames come in order of time, from one thread.

    Attributes:
        ids: Where the next newcomer's number comes from.
    """

    def __init__(self, skeleton: Skeleton, max_persons: int, threshold: float) -> None:
        """Start with nobody.

        Args:
            skeleton: Convention of the keypoints.
            max_persons: Most persons followed at a time.
            threshold: Box score from which a newcomer is taken on.
        """
        self.max_persons = max_persons
        self.threshold = threshold
        self.tracks: list[Track] = []
        self.ids: Iterator[int] = itertools.count(1)
        self._sigmas = sigmas_of(skeleton)
        self._fresh = True

    def reset(self, tracks: Sequence[Track] = ()) -> None:
        """Forget everybody but those of some tracks that may go on; ids go on counting."""
        self.tracks = list(tracks)
        self._fresh = True

    def rewind(self, time_s: float) -> None:
        """Go on from an earlier time, when everybody stood about where they do now."""
        for track in self.tracks:
            track.rewind(time_s)
        self._fresh = True

    def judge_anew(self, threshold: float) -> None:
        """Go by another threshold: a higher one drops who is below it, and whom the next run finds is shown at once."""
        if threshold > self.threshold:
            self.tracks = [track for track in self.tracks if track.box_score >= threshold]
        self.threshold = threshold
        self._fresh = True

    @property
    def searching(self) -> bool:
        """Whether nobody is followed, somebody is out of sight, or somebody is not confirmed yet."""
        return not self.tracks or any(track.lost or track.id == 0 for track in self.tracks)

    @property
    def fading(self) -> bool:
        """Whether the keypoints of somebody in sight are much worse than when the detector last saw them."""
        return any(track.fading for track in self.tracks if not track.lost)

    def propose(self, time_s: float, detections: Sequence[Detection] | None) -> Proposal:
        """Say where to look for poses, in at most `max_persons` boxes.

        Args:
            time_s: Time of the frame.
            detections: What the detector found; None where it rested. Those under the threshold serve tracks alone.
        """
        return propose(time_s, self.tracks, detections, self.threshold, self.max_persons)

    def update(
        self, proposal: Proposal, keypoints: FloatArray, scores: FloatArray, frame_size: tuple[int, int]
    ) -> bool:
        """Hand the poses found in the proposed boxes to their tracks.

        Args:
            proposal: Of this frame.
            keypoints: (N, K, 2) in the order of the candidates.
            scores: (N, K).
            frame_size: (height, width) of the frame.

        Returns:
            Whether the detector changed who is followed: somebody came, came back, or proved to be gone.
        """
        boxes = proposal.boxes
        overlaps = box_iou(boxes, boxes)
        same = self._same_person(boxes, overlaps, keypoints, scores)
        fits = self._fits(proposal, keypoints, scores)
        matched = self._match(proposal, scores, fits, same)
        were_lost = {track for track in self.tracks if track.lost}
        for row, track in enumerate(self.tracks):
            track.lost = row not in matched
            track.missed_runs += proposal.looked
        for row, index in matched.items():
            track, candidate = self.tracks[row], proposal.candidates[index]
            track.candidate = index
            if candidate.owner is None:
                track.see_detected(proposal.time_s, candidate.box, candidate.score, keypoints[index], scores[index])
                self._confirm(track)
            else:
                crowded = int((overlaps[index] >= _CROWDED).sum()) > 1
                mixed_up = crowded and (fits[row, index] < _FIRM or track.would_fade(scores[index]))
                track.see_carried(proposal.time_s, keypoints[index], scores[index], candidate.detected, not mixed_up)
            track.lost = track.inside < _LEAST_INSIDE
        newcomers = self._newcomers(proposal, keypoints, scores, same, list(matched.values()), frame_size)
        changed = bool(newcomers) or any(track.lost != (track in were_lost) for track in self.tracks)
        self.tracks = [track for track in self.tracks if self._worth_keeping(track, proposal)] + newcomers
        self._fresh = self._fresh and not proposal.looked
        return proposal.looked and changed

    def in_sight(self) -> list[Track]:
        """The confirmed tracks seen in the last frame, in order of id."""
        return sorted((track for track in self.tracks if track.id and not track.lost), key=lambda track: track.id)

    def _match(self, proposal: Proposal, scores: FloatArray, fits: FloatArray, same: BoolArray) -> dict[int, int]:
        """The candidate whose pose continues each track, both by index."""
        empty = [
            (candidate.owner is not None or candidate.score < self.threshold) and _nobody_there(scores[index])
            for index, candidate in enumerate(proposal.candidates)
        ]
        if proposal.looked:
            pairs = assign(np.where(empty, np.float32(0), fits), _SAME)
        else:
            owners = [candidate.owner for candidate in proposal.candidates]
            pairs = [(row, owners.index(track)) for row, track in enumerate(self.tracks) if track in owners]
        kept: dict[int, int] = {}
        for row, index in sorted(pairs, key=lambda pair: self.tracks[pair[0]].id or np.inf):
            track, owner = self.tracks[row], proposal.candidates[index].owner
            if empty[index] or (owner is not None and _unsupported(track, proposal)):
                continue
            # Two tracks on one pose: somebody is hidden behind somebody else. Whose motion fits keeps it, the older
            # where both fit; the other waits out of sight.
            rivals = [rival for rival in kept if same[index, kept[rival]]]
            if any(track.id == 0 or fits[row, index] < fits[rival, kept[rival]] + _ALIKE for rival in rivals):
                continue
            kept = {rival: taken for rival, taken in kept.items() if rival not in rivals} | {row: index}
        free = [
            index
            for index, candidate in enumerate(proposal.candidates)
            if candidate.owner is None and index not in kept.values()
        ]
        for row, index in kept.items():
            # A detection of the same person is worth more than the box that the track expected.
            better = [other for other in free if same[index, other]] if proposal.candidates[index].owner else []
            if better:
                kept[row] = better[0]
                free.remove(better[0])
        return kept

    def _newcomers(
        self,
        proposal: Proposal,
        keypoints: FloatArray,
        scores: FloatArray,
        same: BoolArray,
        taken: list[int],
        frame_size: tuple[int, int],
    ) -> list[Track]:
        newcomers = []
        for index, candidate in enumerate(proposal.candidates):
            if candidate.owner is not None or candidate.score < self.threshold or same[index, taken].any():
                continue
            taken = [*taken, index]
            track = Track(candidate.box, candidate.score, keypoints[index], scores[index], proposal.time_s, frame_size)
            track.candidate = index
            if self._fresh or track.score >= _EVIDENCE:
                self._confirm(track)
            newcomers.append(track)
        return newcomers

    def _confirm(self, track: Track) -> None:
        if track.id == 0:
            track.id = next(self.ids)

    def _worth_keeping(self, track: Track, proposal: Proposal) -> bool:
        if not track.lost:
            return track.id > 0 or track.missed_runs == 0
        # Only a detector run can bring somebody back, so one is waited for however long it takes.
        waited_enough = proposal.looked and proposal.time_s - track.seen_s > _LOST_PATIENCE_S
        return track.id > 0 and not waited_enough

    def _fits(self, proposal: Proposal, keypoints: FloatArray, scores: FloatArray) -> FloatArray:
        """(T, N) how well each pose continues each track, 0..1: box overlap and keypoint similarity.

        Both allow for the way a person may have gone unseen. Keypoints count as much as boxes where at least
        `_PLENTY` are visible in both poses, less where fewer are.
        """
        time_s, tracks, boxes = proposal.time_s, self.tracks, proposal.boxes
        if not tracks or not len(boxes):
            return np.zeros((len(tracks), len(boxes)), np.float32)
        overlap = closeness(time_s, tracks, boxes, proposal.looked)
        alike, common = keypoint_similarity(
            np.stack([track.predicted_keypoints(time_s) for track in tracks]),
            np.stack([track.scores for track in tracks]),
            keypoints,
            scores,
            areas=box_areas(stack_boxes([track.box for track in tracks])),
            sigmas=self._sigmas,
            slack=[track.slack(time_s, proposal.looked) for track in tracks],
        )
        weight = 0.5 * np.minimum(common / _PLENTY, 1.0)
        return np.asarray((1 - weight) * overlap + weight * alike, np.float32)

    def _same_person(
        self, boxes: FloatArray, overlaps: FloatArray, keypoints: FloatArray, scores: FloatArray
    ) -> BoolArray:
        """(N, N) whether two candidates hold the same person's pose."""
        if not len(boxes):
            return np.zeros((0, 0), np.bool_)
        alike, common = keypoint_similarity(keypoints, scores, keypoints, scores, box_areas(boxes), self._sigmas)
        by_pose = np.maximum(alike, alike.T) >= _DUPLICATE
        return np.asarray(np.where(common >= LEAST_COMMON, by_pose, overlaps >= _DUPLICATE_IOU))


def _nobody_there(scores: FloatArray) -> bool:
    return int((scores >= VISIBLE).sum()) < LEAST_COMMON


def _unsupported(track: Track, proposal: Proposal) -> bool:
    """Whether the detector has not seen the person for so long, and so often, that the keypoints may be a ghost's."""
    return track.missed_runs >= 2 and proposal.time_s - track.detected_s > _UNDETECTED_PATIENCE_S
