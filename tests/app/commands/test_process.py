"""`process` as a user meets it: outputs, names, errors and interruptions."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from app.commands import main, process
from app.outputs import Networks
from app.results import Frame, FrameResult, Person
from app.settings import Settings
from model.skeletons import COCO_17
from tests.app.clips import beep_starts, shade, write_clip
from tests.app.keypoint_files import read_keypoints_jsonl
from tests.app.web import serve

PROJECT = Path(__file__).resolve().parents[3]


class FakePipeline:
    """Finds one person in the middle of every frame."""

    def process(self, frame: Frame) -> FrameResult:
        height, width = frame.size
        keypoints = np.tile(np.array([width / 2, height / 2], np.float32), (17, 1))
        box = np.array([0, 0, width, height], np.float32)
        person = Person(1, box, 0.9, keypoints, np.full(17, 0.9, np.float32), 0.8)
        return FrameResult(frame.index, frame.time_s, frame.size, (person,), picture=frame.picture)

    def reset(self) -> None:
        """Nothing is remembered."""

    def number_by(self, ids: Iterator[int]) -> None:
        """There is one person."""

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture(autouse=True)
def _no_networks(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "shared_data" not in request.keywords:
        loaded = FakePipeline(), Networks("fake-model", "fake-detector", COCO_17)
        monkeypatch.setattr(process, "_load", lambda settings: loaded)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "짧은 clip.mp4", [shade(8 * (i % 20)) for i in range(30)])


def frames_of(path: Path) -> list[float]:
    """Times of the frames that decode."""
    with av.open(str(path)) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


def errors(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]


def test_video_gives_an_overlay_and_keypoints(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video, keypoints = tmp_path / "새 폴더" / "out put.mp4", tmp_path / "out.jsonl"
    assert main(["process", str(clip), "--output", str(video), "--keypoints", str(keypoints)]) == 0
    np.testing.assert_allclose(frames_of(video), np.arange(30) / 25, atol=1e-4)
    header, results = read_keypoints_jsonl(keypoints)
    assert (header.source, header.model, header.detector) == (clip.name, "fake-model", "fake-detector")
    assert [result.frame_index for result in results] == list(range(30))
    assert results[0].persons[0].keypoints[0].tolist() == [32, 24]
    summary = capsys.readouterr().err
    assert "30 frames, 1 person" in summary
    assert str(video) in summary


def test_a_video_from_a_web_address_keeps_its_sound(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mkv", [shade(90)] * 50, audio_codec="aac")
    out = tmp_path / "out.mp4"
    with serve(tmp_path) as address:
        assert main(["process", f"{address}/clip.mkv", "--output", str(out)]) == 0
    assert len(frames_of(out)) == 50
    assert beep_starts(out) == pytest.approx(beep_starts(tmp_path / "clip.mkv"), abs=0.01)


def test_several_inputs_go_into_a_folder_under_their_own_names(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    write_clip(inputs / "a.mp4", [shade(90)] * 3)
    write_clip(inputs / "a.mkv", [shade(90)] * 4)
    cv2.imwrite(str(inputs / "p1.png"), shade(90))
    cv2.imwrite(str(inputs / "p2.bmp"), shade(90))
    out = tmp_path / "out"
    code = main(["process", str(inputs), str(inputs / "a.mp4"), "--output", str(out), "--keypoints", str(out)])
    assert code == 0
    made = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert made == sorted(
        ["in/p1.png", "in/p2.bmp", "in.jsonl", "a.mkv", "a.jsonl", "a-2.mp4", "a-2.jsonl", "a-3.mp4", "a-3.jsonl"]
    )


def test_folder_of_pictures_named_by_coco_ids_gives_coco_results(tmp_path: Path) -> None:
    pictures = tmp_path / "val2017"
    pictures.mkdir()
    for number in (785, 139):
        cv2.imwrite(str(pictures / f"{number:012d}.png"), shade(90))
    assert main(["process", str(pictures), "--keypoints", str(tmp_path / "r.json")]) == 0
    results = json.loads((tmp_path / "r.json").read_text())
    assert [result["image_id"] for result in results] == [139, 785]


def test_pictures_of_one_number_keep_coco_ids_of_their_own(tmp_path: Path) -> None:
    for name in ("1.png", "01.png", "2.png"):
        cv2.imwrite(str(tmp_path / name), shade(90))
    assert main(["process", str(tmp_path), "--keypoints", str(tmp_path / "r.json")]) == 0
    assert [result["image_id"] for result in json.loads((tmp_path / "r.json").read_text())] == [0, 1, 2]


@pytest.mark.parametrize(("name", "image_id"), [("000000000139.png", 139), ("holiday.png", 0)])
def test_a_single_picture_has_the_coco_id_that_it_is_named_by(tmp_path: Path, name: str, image_id: int) -> None:
    cv2.imwrite(str(tmp_path / name), shade(90))
    assert main(["process", str(tmp_path / name), "--keypoints", str(tmp_path / "r.json")]) == 0
    (result,) = json.loads((tmp_path / "r.json").read_text())
    assert result["image_id"] == image_id


def test_angles_are_a_table(clip: Path, tmp_path: Path) -> None:
    assert main(["process", str(clip), "--angles", str(tmp_path / "a.csv")]) == 0
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "frame,time_s,person,joint,degrees"
    assert len(lines) == 1 + 30 * 8
    assert lines[9] == "1,0.04,1,left_elbow,"


def test_angles_of_several_inputs_go_into_a_folder_beside_the_keypoints(tmp_path: Path) -> None:
    inputs = [str(write_clip(tmp_path / name, [shade(90)] * 2)) for name in ("a.mp4", "a.mkv", "b.mp4")]
    out = tmp_path / "out"
    assert main(["process", *inputs, "--keypoints", str(out), "--angles", str(out)]) == 0
    made = sorted(path.name for path in out.iterdir())
    assert made == ["a-2.jsonl", "a-angles-2.csv", "a-angles.csv", "a.jsonl", "b-angles.csv", "b.jsonl"]


@pytest.mark.parametrize("kind", ["text", "empty", "missing", "no frames", "sound alone"])
def test_useless_input_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    path = tmp_path / "some clip.mp4"
    if kind == "text":
        path.write_text("not a video\n" * 50)
    elif kind == "empty":
        path.touch()
    elif kind == "no frames":
        with av.open(str(path), "w", options={"movflags": "empty_moov+frag_keyframe"}) as container:
            container.add_stream("libx264", rate=25, width=64, height=48, pix_fmt="yuv420p")
            container.start_encoding()
    elif kind == "sound alone":
        with av.open(str(path), "w") as container:
            stream = container.add_stream("aac", rate=44100, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 44100
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    assert main(["process", str(path), "--output", str(tmp_path / "o.mp4")]) == 2
    (line,) = errors(capsys)
    assert str(path) in line
    assert not (tmp_path / "o.mp4").exists()


def test_one_bad_input_among_several_leaves_the_others(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    code = main(["process", str(tmp_path / "absent.mp4"), str(clip), "--output", str(out)])
    assert code == 2
    assert len(frames_of(out / clip.name)) == 30
    told = capsys.readouterr().err
    assert "absent.mp4 does not exist" in told
    assert "1 of 2 inputs failed" in told


def test_a_fault_of_the_program_at_one_input_leaves_the_others(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    poison = write_clip(tmp_path / "poison.mp4", [shade(90)] * 3, [0.0, 0.21, 0.42])
    search = FakePipeline.process

    def fail_at_poison(self: FakePipeline, frame: Frame) -> FrameResult:
        if frame.time_s == pytest.approx(0.21):
            raise ZeroDivisionError("division by\nzero")
        return search(self, frame)

    monkeypatch.setattr(FakePipeline, "process", fail_at_poison)
    out = tmp_path / "out"
    assert main(["process", str(poison), str(clip), "--output", str(out)]) == 2
    assert len(frames_of(out / clip.name)) == 30
    assert len(frames_of(out / poison.name)) == 1
    told = capsys.readouterr().err
    assert f"error: {poison}: an unexpected error occurred: division by zero" in told.splitlines()
    assert "in fail_at_poison" in told, "for whoever looks into it"
    assert "1 of 2 inputs failed" in told
    with pytest.raises(ZeroDivisionError):
        main(["process", str(poison), "--output", str(tmp_path / "o.mp4")])


def test_pictures_that_would_share_a_name_get_their_own(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for suffix in (".png", ".avif", ".jpg"):
        (pictures / f"a{suffix}").write_bytes(cv2.imencode(suffix, shade(90))[1].tobytes())
    out = tmp_path / "out"
    assert main(["process", str(pictures), "--output", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["a-2.png", "a.jpg", "a.png"]


def test_unreadable_picture_of_a_folder_is_named_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in ("a.png", "c.png"):
        cv2.imwrite(str(pictures / name), shade(90))
    (pictures / "b.png").write_text("no picture")
    out = tmp_path / "out"
    assert main(["process", str(pictures), "--output", str(out)]) == 2
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "c.png"]
    (line,) = errors(capsys)
    assert "b.png" in line


def test_existing_file_without_a_suffix_is_no_folder(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = tmp_path / "plainfile"
    plain.write_text("mine")
    assert main(["process", str(clip), "--output", str(plain)]) == 2
    assert "suffix" in errors(capsys)[0]
    assert plain.read_text() == "mine"


def test_options_go_before_the_settings_file(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Settings] = []

    def load(settings: Settings) -> tuple[FakePipeline, Networks]:
        asked.append(settings)
        return FakePipeline(), Networks("fake-model", "fake-detector", COCO_17)

    monkeypatch.setattr(process, "_load", load)
    arguments = [
        "--person-threshold",
        "0.3",
        "--max-persons",
        "4",
        "--detect-every",
        "7",
        "--keypoint-threshold",
        "0.2",
    ]
    assert main(["process", str(clip), "--output", str(tmp_path / "o.mp4"), *arguments]) == 0
    (settings,) = asked
    assert (settings.detection.person_threshold, settings.detection.max_persons) == (0.3, 4)
    assert (settings.detection.every_n, settings.pose.keypoint_threshold) == (7, 0.2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--output"),
        (["--output", "result.txt"], ".txt is not written"),
        (["--keypoints", "result.xlsx"], ".xlsx is not written"),
        (["--angles", "result.json"], ".csv"),
        (["--angles", "result.csv", "--keypoints", "result.csv"], "both"),
        (["--angles", "../twice/result.csv", "--keypoints", "result.csv"], "both"),
        (["--output", "-"], "name a file or a folder"),
        (["--keypoints", "-"], "name a file or a folder"),
        (["--angles", "-"], "name a file or a folder"),
        (["--output", "picture.png"], "video or a folder"),
        (["--output", "o.mp4", "--keypoint-threshold", "1.5"], "keypoint-threshold"),
        (["--output", "o.mp4", "--person-threshold", "-1"], "person-threshold"),
        (["--output", "o.mp4", "--detect-every", "0"], "detect-every"),
        (["--output", "o.mp4", "--duration", "0"], "duration"),
        (["--output", "o.mp4", "--duration", "inf"], "duration"),
        (["--output", "o.mp4", "--duration", "nan"], "duration"),
        (["--output", "o.mp4", "--duration", "1e308"], "duration"),
    ],
)
def test_misfit_options_are_named(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], message: str,
) -> None:  # fmt: skip
    (tmp_path / "twice").mkdir()
    monkeypatch.chdir(tmp_path / "twice")
    assert main(["process", str(clip), *arguments]) == 2
    (line,) = errors(capsys)
    assert message in line
    assert list(Path().iterdir()) == []


def test_input_is_never_overwritten(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = clip.read_bytes()
    for spec in (str(clip), clip.as_uri(), f"file://{clip}"):
        assert main(["process", spec, "--output", str(clip)]) == 2
        shown = capsys.readouterr().err
        assert "is one of the inputs" in shown
        assert "frames" not in shown, "seen before any work is done"
    assert clip.read_bytes() == content


def test_tables_beside_a_recording_are_never_replaced(clip: Path) -> None:
    folder = clip.parent
    recorded = [folder / f"{clip.stem}.jsonl", folder / f"{clip.stem}-angles.csv"]
    for path in recorded:
        path.write_text("recorded")
    for _ in range(2):
        made = ["--output", str(folder), "--keypoints", str(folder), "--angles", str(folder)]
        assert main(["process", str(clip), *made]) == 0
    assert [path.read_text() for path in recorded] == ["recorded"] * 2
    for path in (clip, *recorded):
        numbered = [path.with_name(f"{path.stem}-{number}{path.suffix}").exists() for number in (2, 3, 4)]
        assert numbered == [True, True, False], "a picture and its tables have one number"


def test_one_file_for_several_inputs_is_refused(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["process", str(clip), str(clip), "--output", "o.mp4"]) == 2
    assert "folder" in errors(capsys)[0]


@pytest.mark.parametrize("kind", ["16 bit", "grey", "alpha", "colour"])
def test_every_kind_of_picture_is_processed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "사진.png"
    picture = {
        "16 bit": np.full((40, 60, 3), 30_000, np.uint16),
        "grey": np.full((40, 60), 90, np.uint8),
        "alpha": np.full((40, 60, 4), 90, np.uint8),
        "colour": np.full((40, 60, 3), 90, np.uint8),
    }[kind]
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    assert main(["process", str(path), "--output", str(tmp_path / "out.png")]) == 0
    assert cv2.imread(str(tmp_path / "out.png")).shape == (40, 60, 3)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_full_disk_is_one_line_and_leaves_the_other_file_readable(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    full = tmp_path / "full.jsonl"
    full.symlink_to("/dev/full")
    assert main(["process", str(clip), "--output", str(tmp_path / "o.mp4"), "--keypoints", str(full)]) == 2
    (line,) = errors(capsys)
    assert "space" in line


def test_an_output_that_cannot_be_written_costs_no_other_what_it_had(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = tmp_path / "k.jsonl"
    earlier.write_text("an earlier result")
    (tmp_path / "file").touch()
    nowhere = tmp_path / "file" / "o.mp4"
    assert main(["process", str(clip), "--keypoints", str(earlier), "--output", str(nowhere)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: cannot write {nowhere}")
    assert earlier.read_text() == "an earlier result"


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no such device")
def test_a_device_is_no_folder(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["process", str(clip), "--keypoints", "/dev/stdout"]) == 2
    assert ".jsonl" in errors(capsys)[0]


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission_is_one_line(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert main(["process", str(clip), "--output", str(locked / "o.mp4")]) == 2
    assert "permission" in errors(capsys)[0]


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = [shade(i % 200, (120, 160)) for i in range(600)]
    return write_clip(tmp_path_factory.mktemp("clips") / "long.mp4", pictures, options={"preset": "ultrafast"})


@pytest.mark.parametrize("how", [signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGTERM), signal.SIGKILL])
def test_what_was_done_before_an_end_in_the_middle_plays_and_parses(
    long_clip: Path, tmp_path: Path, how: signal.Signals
) -> None:
    video, keypoints = tmp_path / "o.mp4", tmp_path / "o.jsonl"
    command = [sys.executable, PROJECT / "main.py", "process", long_clip, "--output", video, "--keypoints", keypoints]
    command += ["--model", "lite-hrnet-18-128x96", "--detector", "whole-frame"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 100
    while not keypoints.exists() or keypoints.read_bytes().count(b"\n") < 100:
        assert running.poll() is None, running.stderr
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(how)
    _, told = running.communicate(timeout=30)
    assert (b"is being written" in told) == (how != signal.SIGKILL)
    assert running.returncode == (-9 if how == signal.SIGKILL else 130)
    _, results = read_keypoints_jsonl(keypoints)
    assert [result.frame_index for result in results] == list(range(len(results)))
    times = frames_of(video)
    if how == signal.SIGKILL:
        assert len(times) > len(results) - 80
    else:
        assert len(times) == len(results) < 600
