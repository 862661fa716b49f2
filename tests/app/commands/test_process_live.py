"""`process` with live outputs, as their receivers and the user meet them."""

import json
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.commands import main, process
from app.results import Frame, FrameResult
from tests.app.clips import shade, write_clip
from tests.app.commands.process_runs import NETWORKS, FakePipeline, errors
from tests.app.live_outputs.test_virtual_camera import FakeCamera

FRAMES = 5


class PatientPipeline(FakePipeline):
    """Finds people once somebody listens."""

    def __init__(self) -> None:
        self.somebody_listens = threading.Event()

    def process(self, frame: Frame) -> FrameResult:
        assert self.somebody_listens.wait(20)
        return super().process(frame)


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> PatientPipeline:
    made = PatientPipeline()
    monkeypatch.setattr(process, "_load", lambda settings: (made, NETWORKS))
    return made


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "짧은 clip.mp4", [shade(40 * i) for i in range(FRAMES)])


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_osc_bundles_reach_a_receiver_up_to_the_last_frame(clip: Path, pipeline: PatientPipeline) -> None:
    pipeline.somebody_listens.set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        assert main(["process", str(clip), "--osc", f"127.0.0.1:{receiver.getsockname()[1]}"]) == 0
        numbers, nose = [], None
        while nose is None or numbers[-1] < FRAMES - 1:
            messages = {message.address: message.params for message in OscBundle(receiver.recv(65536))}
            numbers += messages.get("/lite-hrnet-live/frame", [])[:1]
            nose = messages.get("/lite-hrnet-live/person/1/keypoint/nose", nose)
    assert numbers == sorted(set(numbers))
    assert nose == [pytest.approx(32.5 / 64), pytest.approx(24.5 / 48), pytest.approx(0.9)]


def test_a_websocket_client_follows_several_sources(
    clip: Path, pipeline: PatientPipeline, tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_clip(tmp_path / "other.mp4", [shade(90)] * FRAMES)
    got: list[dict] = []

    def listen() -> None:
        while True:
            try:
                client = connect(f"ws://127.0.0.1:{free_port}")
                break
            except ConnectionRefusedError:
                continue
        with client, suppress(ConnectionClosed):
            pipeline.somebody_listens.set()
            while True:
                got.append(json.loads(client.recv(timeout=20)))

    listener = threading.Thread(target=listen)
    listener.start()
    arguments = ["process", str(clip), str(other), "--websocket", str(free_port), "--keypoints", str(tmp_path / "k")]
    assert main(arguments) == 0
    listener.join(20)
    assert not listener.is_alive()
    headers = [message["source"] for message in got if "source" in message]
    assert "source" in got[0]
    assert headers[-1] == "other.mp4"
    assert got[-1]["frame"] == FRAMES - 1
    lines = (tmp_path / "k" / "other.jsonl").read_text(encoding="utf-8").splitlines()
    assert got[-1] == json.loads(lines[-1])
    assert f"ws://127.0.0.1:{free_port}" in capsys.readouterr().err


def test_the_virtual_camera_shows_the_drawn_picture(
    clip: Path, pipeline: PatientPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.somebody_listens.set()
    monkeypatch.setattr(FakeCamera, "opened", [], raising=False)
    library = SimpleNamespace(Camera=FakeCamera, PixelFormat=SimpleNamespace(BGR="BGR"))
    monkeypatch.setitem(sys.modules, "pyvirtualcam", library)
    assert main(["process", str(clip), "--virtual-camera"]) == 0
    (camera,) = FakeCamera.opened
    last = camera.pictures[-1]
    assert last.shape == (48, 64, 3)
    assert last[24, 32].tolist() == [255, 255, 255], "the joint in the middle"
    np.testing.assert_allclose(last[2, 2], 160, atol=8)
    assert camera.closed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--osc", "nowhere"], "--osc"),
        (["--osc", "nowhere.invalid:9000"], "nowhere.invalid"),
        (["--websocket", "0"], "--websocket"),
        (["--websocket", "example.invalid:8765"], "cannot listen"),
        (["--virtual-camera"], "pip install pyvirtualcam"),
    ],
)
def test_an_output_that_cannot_be_is_one_line_before_any_work(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], message: str,
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    monkeypatch.setattr(process, "_load", lambda settings: pytest.fail("networks are loaded in vain"))
    assert main(["process", str(clip), "--output", str(tmp_path / "o.mp4"), *arguments]) == 2
    (line,) = errors(capsys)
    assert message in line
    assert not (tmp_path / "o.mp4").exists()


def test_a_taken_port_is_one_line(clip: Path, pipeline: PatientPipeline, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["process", str(clip), "--websocket", str(port)]) == 2
    (line,) = errors(capsys)
    assert f"127.0.0.1:{port}" in line
    assert "choose another port" in line


def test_a_missing_camera_device_is_one_line(
    clip: Path, pipeline: PatientPipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.somebody_listens.set()
    monkeypatch.setattr(FakeCamera, "present", False)
    library = SimpleNamespace(Camera=FakeCamera, PixelFormat=SimpleNamespace(BGR="BGR"))
    monkeypatch.setitem(sys.modules, "pyvirtualcam", library)
    assert main(["process", str(clip), "--virtual-camera"]) == 2
    (line,) = errors(capsys)
    assert "no virtual camera takes 48x64 pixels" in line


@pytest.mark.parametrize("with_files", [True, False])
def test_files_go_on_without_a_live_output_that_is_gone(
    clip: Path, tmp_path: Path, pipeline: PatientPipeline, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], with_files: bool,
) -> None:  # fmt: skip
    pipeline.somebody_listens.set()
    monkeypatch.setattr(FakeCamera, "present", False)
    library = SimpleNamespace(Camera=FakeCamera, PixelFormat=SimpleNamespace(BGR="BGR"))
    monkeypatch.setitem(sys.modules, "pyvirtualcam", library)
    other = write_clip(tmp_path / "other.mp4", [shade(90)] * FRAMES)
    out = tmp_path / "out"
    files = ["--keypoints", str(out)] if with_files else []
    assert main(["process", str(clip), str(other), "--virtual-camera", *files]) == 2
    (line,) = errors(capsys)
    assert "no virtual camera takes 48x64 pixels" in line
    if with_files:
        for name in (clip.stem, "other"):
            lines = (out / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
            assert len(lines) == 1 + FRAMES, "a header and every frame"
