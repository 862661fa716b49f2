"""People of MPII Human Pose, for training and for measuring PCKh."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from model.arrays import FloatArray, IntArray
from model.errors import DatasetError
from model.skeletons import MPII_16
from model.training.coco import People
from model.training.mpii_files import MpiiPeople, from_release, head_sizes, load_mat, read_mpii
from model.training.pictures import stored_size

HEAD_BOXES = "mpii_gt_val.mat"
"""The file that mmpose keeps beside mpii_val.json, which lacks the head boxes."""

_SAME_PLACE = 1.0  # pixels between the centres that two files give of one person


def read_people(annotations: Path, images: Path, keypoints: int) -> People:
    """Read an annotation file for training; people without a labelled keypoint are left out.

    Boxes are MPII's squares round a person and may reach beyond the picture.

    Args:
        annotations: As in `read_mpii`.
        images: Folder of the pictures.
        keypoints: How many the network finds.

    Raises:
        DatasetError: The file is absent, malformed or labels nobody; the network does not find MPII's 16 keypoints; a
            picture is absent or no picture.
    """
    if keypoints != MPII_16.keypoints:
        raise DatasetError(
            f"{annotations} labels MPII's {MPII_16.keypoints} keypoints where the network has {keypoints}; "
            f"choose another data set, or set keypoints: {MPII_16.keypoints}"
        )
    people = read_mpii(annotations)
    people = people.only(np.asarray(people.visible.any(axis=1), np.bool_))
    names, picture_of = np.unique(people.pictures, return_inverse=True)
    pictures = [images / str(name) for name in names]
    return People(
        pictures=tuple(pictures),
        picture_sizes=_picture_sizes(pictures),
        picture_of=np.asarray(picture_of, np.int64),
        boxes=people.boxes,
        keypoints=people.keypoints,
        weights=people.visible.astype(np.float32),
    )


def read_evaluated(annotations: Path, head_boxes: Path | None = None) -> MpiiPeople:
    """Those whom PCKh is measured over, with head sizes: of the official file, people who stand clear of others.

    Args:
        annotations: As in `read_mpii`.
        head_boxes: mmpose's mpii_gt_val.mat (HRNet's gt_valid.mat), which lists people in the order of the annotations;
            or the official .mat, in which everybody is looked up by picture and place. By default the annotations' own
            head boxes or, where they have none, mpii_gt_val.mat beside them.

    Raises:
        DatasetError: A file is absent, malformed or of other people, or there are no head boxes.
    """
    people = read_mpii(annotations)
    if head_boxes is None and np.isnan(people.head_sizes).any():
        head_boxes = annotations.with_name(HEAD_BOXES)
        if not head_boxes.is_file():
            raise DatasetError(
                f"{annotations} has no head boxes, which PCKh measures by, and {head_boxes} is absent; "
                f"give --head-boxes {HEAD_BOXES} or mpii_human_pose_v1_u12_1.mat"
            )
    if head_boxes is not None:
        people = replace(people, head_sizes=_head_sizes_of(people, head_boxes))
    people = people.only(people.separate)
    if not people.visible.any():
        raise DatasetError(f"{annotations} labels nobody who stands clear of others; give another file")
    return people


def _head_sizes_of(people: MpiiPeople, head_boxes: Path) -> FloatArray:
    content = load_mat(head_boxes)
    if "RELEASE" in content:
        return _looked_up(people, from_release(content, head_boxes), head_boxes)
    corners = np.asarray(content.get("headboxes_src", ()), np.float64)
    if corners.shape != (2, 2, len(people)):
        raise DatasetError(
            f"{head_boxes} holds no head boxes of {len(people)} people; give the {HEAD_BOXES} that belongs to the "
            "annotations, or mpii_human_pose_v1_u12_1.mat"
        )
    return head_sizes((corners[1] - corners[0]).T)


def _looked_up(people: MpiiPeople, labelled: MpiiPeople, path: Path) -> FloatArray:
    """Head sizes of people from a file that has them, by picture and place."""
    by_picture: dict[str, list[int]] = {}
    for index, name in enumerate(labelled.pictures):
        by_picture.setdefault(str(name), []).append(index)
    sizes = np.empty(len(people), np.float32)
    for index, (name, centre) in enumerate(zip(people.pictures, people.centres, strict=True)):
        there = by_picture.get(str(name), [])
        distances = np.linalg.norm(labelled.centres[there] - centre, axis=1)
        if not (distances <= _SAME_PLACE).any():
            x, y = centre + 1
            raise DatasetError(
                f"{path} has nobody at {x:g}, {y:g} in {name}; give the file that the annotations are of"
            )
        sizes[index] = labelled.head_sizes[there[int(distances.argmin())]]
    return sizes


def _picture_sizes(pictures: Sequence[Path]) -> IntArray:
    """(M, 2) width, height: MPII does not state them."""
    return np.array([stored_size(path) for path in pictures], np.int64).reshape(-1, 2)
