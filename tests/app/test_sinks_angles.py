"""The table of joint angles."""

import csv
from pathlib import Path

import numpy as np
import pytest

from app.angles import ANGLE_JOINTS
from app.errors import SinkError
from app.results import FrameResult, Person
from app.sinks.angles_csv import AnglesCsvSink
from model.skeletons import COCO_17, MPII_16
from tests.app.clips import disk_for_files_up_to
from tests.app.test_angles import EXPECTED, frame, person, pose


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_joint_of_every_person_has_a_row_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "새 폴더" / "angles.csv"
    with AnglesCsvSink(path, COCO_17, 0.3) as sink:
        assert rows(path) == []
        sink.write(frame(0.0, person(1), person(4)))
        table = rows(path)
        assert [(row["frame"], row["time_s"], row["person"]) for row in table] == [("0", "0.0", "1")] * 8 + [
            ("0", "0.0", "4")
        ] * 8
        assert [row["joint"] for row in table[:8]] == list(ANGLE_JOINTS)
        np.testing.assert_allclose([float(row["degrees"]) for row in table[:8]], EXPECTED, atol=0.005)
        sink.write(frame(0.1))
        sink.write(frame(0.2, person(4)))
        assert [row["frame"] for row in rows(path)[16:]] == ["2"] * 8


def test_an_unknown_angle_is_empty(tmp_path: Path) -> None:
    somebody = person(1)
    scores = np.full(17, 0.5, np.float32)
    scores[COCO_17.keypoint_names.index("left_ankle")] = 0.49
    unsure = Person(1, somebody.box, 0.9, somebody.keypoints, scores, 0.9)
    with AnglesCsvSink(tmp_path / "a.csv", COCO_17, 0.5) as sink:
        sink.write(frame(0.0, unsure))
    assert [row["joint"] for row in rows(tmp_path / "a.csv") if row["degrees"] == ""] == ["left_knee"]


def test_people_of_either_skeleton(tmp_path: Path) -> None:
    somebody = Person(1, np.zeros(4, np.float32), 0.9, pose(MPII_16), np.ones(16, np.float32), 0.9)
    with AnglesCsvSink(tmp_path / "a.csv", MPII_16, 0.3) as sink:
        sink.write(FrameResult(0, 0.0, (400, 300), (somebody,)))
    np.testing.assert_allclose([float(row["degrees"]) for row in rows(tmp_path / "a.csv")], EXPECTED, atol=0.005)


def test_only_tables_are_written(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"give it one of \.csv"):
        AnglesCsvSink(tmp_path / "a.json", COCO_17, 0.3)
    assert not list(tmp_path.iterdir())


def test_full_disk_leaves_whole_frames(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with disk_for_files_up_to(1000), AnglesCsvSink(path, COCO_17, 0.3) as sink:
        sink.write(frame(0.0, person(1)))
        with pytest.raises(SinkError, match="space"):
            sink.write(frame(0.1, *(person(number) for number in range(1, 9))))
    assert [row["frame"] for row in rows(path)] == ["0"] * 8
