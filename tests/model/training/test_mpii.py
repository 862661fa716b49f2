"""MPII's annotation files and PCKh, on made annotations with answers by hand."""

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat

from model.arrays import FloatArray, UInt8Array
from model.errors import DatasetError
from model.estimator import PoseEstimate, PoseEstimator
from model.geometry import crop_frames
from model.skeletons import MPII_16
from model.training.evaluate import evaluate_pckh
from model.training.mpii import read_evaluated, read_people
from model.training.mpii_files import MpiiPeople, is_mpii, read_mpii
from model.training.pckh import pckh
from tests.model.training.mpii_labels import (
    CENTRES,
    LABELLED,
    PICTURES,
    SCALES,
    joints,
    write_head_boxes,
    write_json,
    write_release,
)


@pytest.fixture(params=["release.mat", "mpii_val.json"])
def annotations(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    return write_release(path) if path.suffix == ".mat" else write_json(path)


def test_both_formats_say_the_same(annotations: Path) -> None:
    assert is_mpii(annotations)
    people = read_mpii(annotations)
    assert people.pictures.tolist() == PICTURES
    np.testing.assert_allclose(people.centres, np.array(CENTRES) - 1)
    np.testing.assert_allclose(people.scales, SCALES)
    for person in range(3):
        np.testing.assert_array_equal(np.flatnonzero(people.visible[person]), LABELLED[person])
        np.testing.assert_allclose(people.keypoints[person, LABELLED[person]], joints(person)[LABELLED[person]] - 1)
    assert (people.keypoints[~people.visible] == 0).all()


def test_crops_are_those_of_mmpose(annotations: Path) -> None:
    """Centre lowered by 15 and counted from 0, side 1.25 x 200, both times the scale: with scale 2 it is 500 pixels."""
    frames = crop_frames(read_mpii(annotations).boxes, (256, 256))
    np.testing.assert_allclose(frames.centres[0], (300, 230), atol=1e-4)
    np.testing.assert_allclose(frames.extents[0], (500, 500), atol=1e-3)
    np.testing.assert_allclose(frames.extents[2], (375, 375), atol=1e-3)


@pytest.mark.parametrize("head_boxes", ["beside", "given", "release"])
def test_head_sizes_are_three_fifths_of_the_diagonal(tmp_path: Path, head_boxes: str) -> None:
    annotations = write_json(tmp_path / "mpii_val.json")
    other = None
    if head_boxes == "release":
        other = write_release(tmp_path / "release.mat")
    else:
        path = write_head_boxes(tmp_path / ("mpii_gt_val.mat" if head_boxes == "beside" else "gt_valid.mat"))
        other = path if head_boxes == "given" else None
    np.testing.assert_allclose(read_evaluated(annotations, other).head_sizes, [30, 60, 18], atol=1e-5)


def test_official_evaluation_leaves_out_who_stands_close_to_others(tmp_path: Path) -> None:
    people = read_evaluated(write_release(tmp_path / "release.mat"))
    np.testing.assert_allclose(people.head_sizes, [30, 60], atol=1e-5)


class Fixed(PoseEstimator):
    """Finds people where it is told to."""

    def __init__(self, people: MpiiPeople, found: FloatArray) -> None:
        self.skeleton = MPII_16
        self._answers = {tuple(box): points for box, points in zip(people.boxes.tolist(), found, strict=True)}

    def estimate(self, image: UInt8Array, boxes: FloatArray) -> PoseEstimate:
        found = np.array([self._answers[tuple(box)] for box in boxes.tolist()], np.float32)
        return PoseEstimate(found, np.ones(found.shape[:2], np.float32))


def test_pckh_by_hand(tmp_path: Path) -> None:
    """Reaches are 15, 30 and 9 pixels.

    Person 0 is found but for the left wrist (16 off) and, exactly at its reach, the head (9, 12: 15 off).
    Person 1 is found but for both shoulders and the left wrist; the right ankle is unlabelled and far off.
    Person 2 has head top, right shoulder and right ankle of those that count by joint; found: the ankle (9 off).
    """
    write_head_boxes(tmp_path / "mpii_gt_val.mat")
    people = read_evaluated(write_json(tmp_path / "mpii_val.json"))
    for name in set(PICTURES):
        cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[1].tofile(tmp_path / name)
    off = np.zeros((3, 16, 2), np.float32)
    off[0, [9, 15]] = (9, 12), (16, 0)
    off[1, [12, 13, 15, 0]] = (31, 0), (0, 31), (0, 40), (500, 500)
    off[2, [0, 8, 9, 12, 6]] = (0, 9), (0, 9.5), (10, 0), (8, 8), (300, 0)
    done = []
    estimator = Fixed(people, people.keypoints + off)
    found = evaluate_pckh(people, tmp_path, estimator, lambda number, total: done.append((number, total)))
    expected = {
        "head": 2 / 3,
        "shoulder": (1 / 2 + 1 / 3) / 2,  # left: 0 of 0, 1; right: 0 of 0, 1, 2
        "elbow": 1.0,
        "wrist": (0 / 2 + 2 / 2) / 2,
        "hip": 1.0,
        "knee": 1.0,
        "ankle": 1.0,
    }
    assert found.joints == pytest.approx(expected, abs=1e-6)
    # 14 labels of person 0 with one missed, 13 of person 1 with three, and 4 of person 2 (ankle, neck, head, shoulder)
    # with one found; pelvis and thorax do not count.
    assert found.mean == pytest.approx((13 + 10 + 1) / 31, abs=1e-6)
    assert done == [(1, 2), (2, 2)]


def pckh_of_hrnet(found: np.ndarray, labelled: np.ndarray, visible: np.ndarray, heads: np.ndarray) -> list[float]:
    """As HRNet's evaluation sums it up, in per cent: head to ankle, then the mean."""
    errors = np.linalg.norm(found - labelled, axis=2) / heads[:, None]
    counts = visible.sum(axis=0)
    shares = 100.0 * ((errors <= 0.5) * visible).sum(axis=0) / counts
    shares, counts = np.ma.array(shares, mask=False), np.ma.array(counts, mask=False)
    shares.mask[6:8] = counts.mask[6:8] = True
    pairs = [(13, 12), (14, 11), (15, 10), (3, 2), (4, 1), (5, 0)]
    return [
        shares[9],
        *(0.5 * (shares[left] + shares[right]) for left, right in pairs),
        (shares * counts).sum() / counts.sum(),
    ]


@given(st.integers(0, 2**32 - 1))
def test_pckh_is_hrnets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labelled, heads = rng.uniform(0, 200, (30, 16, 2)), rng.uniform(10, 60, 30)
    found = labelled + rng.normal(0, 12, labelled.shape)
    visible = rng.uniform(size=(30, 16)) < 0.8
    visible[0] = True
    result = pckh(found, labelled, visible, heads)
    expected = pckh_of_hrnet(found, labelled, visible, heads)
    np.testing.assert_allclose([*result.joints.values(), result.mean], np.array(expected) / 100, atol=1e-9)


def test_joint_that_nobody_has_labelled_has_no_share(tmp_path: Path) -> None:
    write_head_boxes(tmp_path / "mpii_gt_val.mat")
    people = read_evaluated(write_json(tmp_path / "mpii_val.json"))
    last = people.only(np.array([False, False, True]))
    cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[1].tofile(tmp_path / PICTURES[2])
    found = evaluate_pckh(last, tmp_path, Fixed(last, last.keypoints), lambda number, total: None)
    assert found.mean == 1
    assert found.joints == {
        "head": 1, "shoulder": None, "elbow": None, "wrist": None, "hip": None, "knee": None, "ankle": None
    }  # fmt: skip


def test_training_reads_the_same_people(annotations: Path, tmp_path: Path) -> None:
    for name, size in zip(PICTURES, ((40, 60), (80, 20), (80, 20)), strict=True):
        cv2.imencode(".jpg", np.zeros((*size, 3), np.uint8))[1].tofile(tmp_path / name)
    people = read_people(annotations, tmp_path, 16)
    assert [path.name for path in people.pictures] == sorted(set(PICTURES))
    assert people.picture_sizes.tolist() == [[60, 40], [20, 80]]
    assert people.picture_of.tolist() == [0, 1, 1]
    np.testing.assert_array_equal(people.weights.sum(axis=1), [len(labelled) for labelled in LABELLED])
    np.testing.assert_allclose(people.boxes, read_mpii(annotations).boxes)


def test_networks_of_other_keypoints_are_refused(annotations: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="16 keypoints where the network has 17"):
        read_people(annotations, tmp_path, 17)


def test_pictures_that_are_none_are_named(annotations: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=PICTURES[0]):
        read_people(annotations, tmp_path, 16)
    (tmp_path / PICTURES[0]).write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=f"{PICTURES[0]}: not a picture"):
        read_people(annotations, tmp_path, 16)


def refused(path: Path, head_boxes: Path | None = None) -> str:
    with pytest.raises(DatasetError) as caught:
        read_evaluated(path, head_boxes)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_missing_head_boxes_are_asked_for(tmp_path: Path) -> None:
    annotations = write_json(tmp_path / "mpii_val.json")
    assert "--head-boxes mpii_gt_val.mat" in refused(annotations)
    assert "no head boxes of 3 people" in refused(annotations, write_head_boxes(tmp_path / "other.mat", people=2))
    assert "check the path" in refused(annotations, tmp_path / "absent.mat")


def test_head_boxes_of_other_people_are_refused(tmp_path: Path) -> None:
    annotations = write_json(tmp_path / "mpii_val.json")
    moved = json.loads(annotations.read_text())
    moved[1]["center"] = [700.0, 151.0]
    annotations.write_text(json.dumps(moved))
    release = write_release(tmp_path / "release.mat")
    assert re.search(r"nobody at 700, 151 in 사람 2.jpg", refused(annotations, release))


@pytest.mark.parametrize(
    "content",
    ["[]", "[1]", '[{"image": "a.jpg"}]', "[{", '{"images": [], "annotations": []}', "MATLAB 5.0 MAT-file and?"],
)
def test_malformed_annotations_are_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "주석.json"
    path.write_text(content)
    assert str(path) in refused(path)


def test_files_cut_off_are_refused(tmp_path: Path) -> None:
    path = write_release(tmp_path / "release.mat")
    path.write_bytes(path.read_bytes()[:5000])
    assert "not an MPII annotation file" in refused(path)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "damaged.mat"
    savemat(path, {"RELEASE": np.arange(1000)}, do_compression=True)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "not an MPII annotation file" in refused(path)


def test_other_mat_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.mat"
    savemat(path, {"x": np.arange(3)})
    assert "not an MPII annotation file" in refused(path)


def test_coco_annotations_are_not_taken_for_mpii(tmp_path: Path) -> None:
    path = tmp_path / "coco.json"
    path.write_text('  {"images": []}')
    assert not is_mpii(path)
    with pytest.raises(DatasetError, match="check the path"):
        is_mpii(tmp_path / "absent.json")
