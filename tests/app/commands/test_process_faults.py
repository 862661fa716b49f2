"""`process` where something is wrong: with inputs, options, outputs or the program itself."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from app.commands import main
from app.results import Frame, FrameResult
from tests.app.clips import shade, write_clip
from tests.app.commands.process_runs import FakePipeline, errors, frames_of
from tests.app.keypoint_files import read_keypoints_jsonl

pytestmark = pytest.mark.usefixtures("fake_networks")
PROJECT = Path(__file__).resolve().parents[3]


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


def test_one_file_for_several_inputs_is_refused(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["process", str(clip), str(clip), "--output", "o.mp4"]) == 2
    assert "folder" in errors(capsys)[0]


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
