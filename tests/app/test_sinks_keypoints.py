"""Keypoint files: their formats, and what is left of them when something goes wrong."""

import csv
import io
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.errors import SinkError
from app.results import FrameResult, Person
from app.sinks import Originals, open_keypoint_sink
from app.sinks.append_file import AppendFile
from app.sinks.keypoints_coco import KeypointsCocoSink
from app.sinks.keypoints_csv import KeypointsCsvSink
from app.sinks.keypoints_jsonl import KeypointsHeader, KeypointsJsonlSink
from model.skeletons import COCO_17
from tests.app.clips import disk_for_files_up_to
from tests.app.keypoint_files import read_keypoints_jsonl

HEADER = KeypointsHeader(
    source="춤 1.mp4",
    width=64,
    height=48,
    fps=25.0,
    model="tinypose-256x192",
    detector="picodet-320",
    keypoint_names=COCO_17.keypoint_names,
    skeleton=COCO_17.links,
)


def person(track_id: int = 1, seed: int = 0) -> Person:
    random = np.random.default_rng(seed)
    box = np.array([3.141, 4.0, 33.3333, 44.999], np.float32)
    keypoints = random.uniform(0, 60, (17, 2)).astype(np.float32)
    return Person(track_id, box, 0.87654321, keypoints, random.uniform(0, 1, 17).astype(np.float32), 0.5)


def result(frame: int, *persons: Person) -> FrameResult:
    return FrameResult(frame, frame / 30, (48, 64), persons)


def test_native_file_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "새 폴더" / "k.jsonl"  # the folder is made
    with KeypointsJsonlSink(path, HEADER) as sink:
        sink.write(result(0))
        sink.write(result(1, person(1), person(7, seed=1)))
    header, empty, full = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert list(header) == [
        "format", "version", "source", "width", "height", "fps", "model", "detector", "keypoint_names", "skeleton",
    ]  # fmt: skip
    assert (header["format"], header["version"], header["source"]) == ("lite-hrnet-live", 1, "춤 1.mp4")
    assert header["keypoint_names"][0] == "nose"
    assert header["skeleton"][0] == [15, 13]
    assert empty == {"frame": 0, "time_s": 0.0, "persons": []}
    assert (full["frame"], full["time_s"]) == (1, 0.033333)
    first = full["persons"][0]
    assert list(first) == ["id", "box", "box_score", "score", "keypoints"]
    assert (first["id"], first["box"], first["box_score"]) == (1, [3.14, 4.0, 33.33, 45.0], 0.8765)
    assert full["persons"][1]["id"] == 7
    assert np.shape(first["keypoints"]) == (17, 3)
    x, y, score = first["keypoints"][5]
    assert (x, y) == tuple(np.round(person().keypoints[5].astype(float), 2))
    assert score == round(float(person().scores[5]), 4)


@settings(max_examples=30, deadline=None)
@given(
    keypoints=arrays(np.float32, (17, 2), elements=st.floats(-1000, 10000, width=32)),
    scores=arrays(np.float32, 17, elements=st.floats(0, 1, width=32)),
)
def test_native_file_read_back(tmp_path_factory: pytest.TempPathFactory, keypoints, scores) -> None:
    path = tmp_path_factory.mktemp("k") / "k.jsonl"
    written = Person(3, np.array([0, 1, 2, 3], np.float32), 0.25, keypoints, scores, 0.75)
    with KeypointsJsonlSink(path, HEADER) as sink:
        sink.write(result(0))
        sink.write(result(4, written))
    header, (empty, read) = read_keypoints_jsonl(path)
    assert header == HEADER
    assert (empty.frame_index, empty.persons) == (0, ())
    assert (read.frame_index, read.image_size, read.time_s) == (4, (48, 64), pytest.approx(4 / 30, abs=1e-6))
    (again,) = read.persons
    assert (again.track_id, again.box_score, again.score) == (3, 0.25, 0.75)
    np.testing.assert_array_equal(again.box, written.box)
    np.testing.assert_allclose(again.keypoints, keypoints, atol=0.0051)
    np.testing.assert_allclose(again.scores, scores, atol=0.000051)


def test_a_frame_of_another_size_than_the_header_states_gives_its_own(tmp_path: Path) -> None:
    path = tmp_path / "k.jsonl"
    with open_keypoint_sink(path, HEADER) as sink:
        for index, size in enumerate([(HEADER.height, HEADER.width), (96, 128)]):
            sink.write(FrameResult(index, index / 25, size, ()))
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    assert lines == [
        {"frame": 0, "time_s": 0.0, "persons": []},
        {"frame": 1, "time_s": 0.04, "width": 128, "height": 96, "persons": []},
    ]


def test_a_name_with_bytes_that_are_no_text(tmp_path: Path) -> None:
    header = KeypointsHeader(**{**vars(HEADER), "source": "clip\udcff.mp4"})
    with KeypointsJsonlSink(tmp_path / "k.jsonl", header):
        pass
    assert read_keypoints_jsonl(tmp_path / "k.jsonl")[0].source == "clip\udcff.mp4"


def test_table(tmp_path: Path) -> None:
    with KeypointsCsvSink(tmp_path / "k.csv", COCO_17.keypoint_names) as sink:
        sink.write(result(0))
        sink.write(result(3, person(9)))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "k.csv").read_text())))
    assert list(rows[0]) == ["frame", "time_s", "person", "keypoint", "x", "y", "score"]
    assert len(rows) == 17
    assert [row["keypoint"] for row in rows] == list(COCO_17.keypoint_names)
    assert {(row["frame"], row["time_s"], row["person"]) for row in rows} == {("3", "0.1", "9")}
    assert float(rows[2]["x"]) == pytest.approx(person().keypoints[2, 0], abs=0.0051)


def test_coco_results_are_valid_json_after_every_frame(tmp_path: Path) -> None:
    path = tmp_path / "k.json"
    with KeypointsCocoSink(path, image_ids=[785, 1268, 2006]) as sink:
        assert json.loads(path.read_text()) == []
        sink.write(result(0))
        assert json.loads(path.read_text()) == []
        sink.write(result(1, person(1), person(2)))
        assert len(json.loads(path.read_text())) == 2
        sink.write(result(2, person(1)))
    entries = json.loads(path.read_text())
    assert [entry["image_id"] for entry in entries] == [1268, 1268, 2006]
    assert {entry["category_id"] for entry in entries} == {1}
    assert np.shape(entries[0]["keypoints"]) == (51,)
    assert entries[0]["bbox"] == [3.14, 4.0, 30.19, 41.0]
    assert entries[0]["score"] == 0.5


def test_coco_results_are_read_by_pycocotools(tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    path = tmp_path / "k.json"
    with KeypointsCocoSink(path) as sink:
        sink.write(result(0, person(1)))
        sink.write(result(1, person(1)))
    truth = COCO()
    truth.dataset = {"images": [{"id": 0}, {"id": 1}], "annotations": [], "categories": [{"id": 1, "name": "person"}]}
    truth.createIndex()
    assert len(truth.loadRes(str(path)).getAnnIds()) == 2


def test_what_is_not_finite_never_reaches_a_file(tmp_path: Path) -> None:
    broken = person()
    broken.keypoints[3] = (np.nan, 5.0)
    broken.scores[4] = np.inf
    broken = Person(1, broken.box, float("inf"), broken.keypoints, broken.scores, float("nan"))
    for name in ("k.jsonl", "k.csv", "k.json"):
        with open_keypoint_sink(tmp_path / name, HEADER) as sink:
            sink.write(result(0, broken))
        text = (tmp_path / name).read_text().lower()
        assert "nan" not in text
        assert "inf" not in text
    (read,) = read_keypoints_jsonl(tmp_path / "k.jsonl")[1][0].persons
    np.testing.assert_array_equal(read.keypoints[3:5], np.zeros((2, 2)))
    np.testing.assert_array_equal(read.scores[3:5], [0, 0])
    assert (read.score, read.box_score) == (0.0, 0.0)


def test_unknown_suffix_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"k\.xml: \.xml is not written; give it one of \.jsonl, \.csv, \.json"):
        open_keypoint_sink(tmp_path / "k.xml", HEADER)


def test_output_that_is_the_input(tmp_path: Path) -> None:
    clip = tmp_path / "춤.mp4"
    clip.touch()
    (tmp_path / "link.mp4").hardlink_to(clip)
    originals = Originals()
    originals.add([tmp_path / "absent.mp4", clip])
    for output in (clip, tmp_path / "link.mp4", tmp_path / "." / "춤.mp4"):
        with pytest.raises(SinkError, match="is one of the inputs"):
            originals.check(output)
    originals.check(tmp_path / "new.mp4")
    originals.check(tmp_path / "absent.mp4")


def test_places_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="cannot write"):
        open_keypoint_sink(tmp_path / "file" / "k.json", HEADER)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SinkError, match=r"folder\.csv is a folder"):
        open_keypoint_sink(tmp_path / "folder.csv", HEADER)

    def denied(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(SinkError, match=r"cannot write .*k\.json: Permission denied; check") as caught:
        open_keypoint_sink(tmp_path / "k.json", HEADER)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["k.jsonl", "k.csv", "k.json"])
def test_full_disk_leaves_whole_records(tmp_path: Path, name: str) -> None:
    written = 0

    def fill() -> None:
        nonlocal written
        with open_keypoint_sink(tmp_path / name, HEADER) as sink, disk_for_files_up_to(20_000):
            while True:
                sink.write(result(written, person(1, written)))
                written += 1

    with pytest.raises(SinkError, match=f"cannot write .*{name}: File too large; check"):
        fill()
    text = (tmp_path / name).read_text(encoding="utf-8")
    if name == "k.jsonl":
        assert text.endswith("}\n")
        assert len(read_keypoints_jsonl(tmp_path / name)[1]) == written
    elif name == "k.csv":
        assert text.endswith("\n")
        assert len(text.splitlines()) == 1 + 17 * written
    else:
        assert len(json.loads(text)) == written


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_disk_that_is_full_from_the_start() -> None:
    with pytest.raises(SinkError, match="cannot write /dev/full: No space left on device"):
        AppendFile(Path("/dev/full"), b"head")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_takes_records_as_they_come_but_no_format_with_an_end(tmp_path: Path) -> None:
    contents = {}
    for name in ("file.jsonl", "pipe.jsonl", "pipe.json"):
        path = tmp_path / name
        if path.stem == "file":
            with open_keypoint_sink(path, HEADER) as sink:
                sink.write(result(0, person()))
            contents[name] = path.read_bytes()
            continue
        os.mkfifo(path)
        with ThreadPoolExecutor(1) as readers:
            read = readers.submit(path.read_bytes)
            if path.suffix == ".json":
                with pytest.raises(SinkError, match="is a pipe"):
                    open_keypoint_sink(path, HEADER)
            else:
                with open_keypoint_sink(path, HEADER) as sink:
                    sink.write(result(0, person()))
            contents[name] = read.result(10)
    assert contents["pipe.jsonl"] == contents["file.jsonl"]
    assert contents["pipe.json"] == b""


def test_a_killed_process_leaves_whole_records(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from tests.app.test_sinks_keypoints import *
sinks = [open_keypoint_sink(Path({str(tmp_path)!r}) / name, HEADER) for name in ("k.jsonl", "k.csv", "k.json")]
for i in range(50):
    for sink in sinks:
        sink.write(result(i, person(1, i)))
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode != 0
    assert len(read_keypoints_jsonl(tmp_path / "k.jsonl")[1]) == 50
    assert len((tmp_path / "k.csv").read_text().splitlines()) == 1 + 50 * 17
    assert len(json.loads((tmp_path / "k.json").read_text())) == 50
