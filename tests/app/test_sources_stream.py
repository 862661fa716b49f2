"""Network streams: their pace, and what tells them from files."""

import http.server
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.sources import open_source, stream_device
from app.sources.stream_device import PlayoutClock, StreamDevice
from tests.app.clips import shade
from tests.app.web import PLAYLIST_FPS, serve, write_playlist

pytestmark = pytest.mark.usefixtures("threads_end")


class _PictureStream(http.server.BaseHTTPRequestHandler):
    """Forty JPEG pictures, one after the other in one answer, as network cameras send them; then the line breaks."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
        if self.path == "/length":  # which some cameras make up
            self.send_header("Content-Length", str(2**31 - 1))
        self.end_headers()
        try:
            for i in range(40):
                picture = cv2.imencode(".jpg", shade(5 * i))[1].tobytes()
                self.wfile.write(
                    b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
                    + picture
                    + b"\r\n"
                )
                time.sleep(0.004)
        except OSError:  # the other side has left
            return

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def _serve_pictures() -> Iterator[int]:
    """A network camera; gives its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _PictureStream)
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def test_network_stream_from_end_to_end() -> None:
    with _serve_pictures() as port:
        with open_source(f"http://user:secret@127.0.0.1:{port}/live") as source:
            assert source.name == f"http://127.0.0.1:{port}/live"
            assert source.size == (48, 64)
            frames = []
            for frame in source:
                frames.append(frame)
                if frame.index >= 60:  # past the break
                    break
        assert (np.diff([frame.time_s for frame in frames]) > 0).all()
        assert {frame.size for frame in frames} == {(48, 64)}


def _holds(clock: PlayoutClock, *frames: tuple[float, float]) -> list[float]:
    """How long a clock holds frames back, each given as its own time and when it came."""
    return [round(clock.hold_s(time_s, came_s), 6) for time_s, came_s in frames]


def test_frames_of_a_segment_are_as_far_apart_as_they_were_filmed() -> None:
    clock = PlayoutClock()
    assert _holds(clock, (7.0, 100.0), (7.5, 100.0), (8.0, 100.5), (8.5, 101.25)) == [0.0, 0.5, 0.5, 0.25]
    assert _holds(clock, (9.0, 102.5), (9.5, 102.5)) == [0.0, 0.0]  # a little late: it catches up
    assert _holds(clock, (10.0, 102.5)) == [0.5]
    assert clock.behind_s == 0.0


def test_after_a_stall_frames_are_in_step_again_and_the_delay_is_known() -> None:
    clock = PlayoutClock()
    assert _holds(clock, (0.0, 100.0), (0.5, 104.5), (1.0, 104.5), (1.5, 105.0)) == [0.0, 0.0, 0.5, 0.5]
    assert clock.behind_s == 4.0
    assert _holds(clock, (2.0, 109.0), (2.5, 109.0)) == [0.0, 0.5]
    assert clock.behind_s == 7.0


def test_what_a_stream_leaves_out_after_a_stall_is_no_delay() -> None:
    clock = PlayoutClock()
    assert _holds(clock, (0.0, 100.0), (0.5, 104.5), (5.0, 104.5)) == [0.0, 0.0, 0.0]
    assert clock.behind_s == 0.0


@pytest.mark.parametrize("jump_s", [-1e5, -1.0, 3.0, 1e5])
def test_no_frame_waits_for_the_length_of_a_jump(jump_s: float) -> None:
    clock = PlayoutClock()
    times = ((0.0, 100.0), (0.5, 100.0), (0.5 + jump_s, 100.5), (1.0 + jump_s, 100.5))
    assert _holds(clock, *times) == [0.0, 0.5, 0.0, 0.5]
    assert clock.behind_s == 0.0


def test_a_stream_in_segments_plays_no_faster_than_it_was_filmed(tmp_path: Path) -> None:
    write_playlist(tmp_path)
    with serve(tmp_path) as address:
        device = StreamDevice(f"{address}/live.m3u8")
        started = time.monotonic()
        assert all(device.read() is not None for _ in range(15))
        assert time.monotonic() - started >= 14 / PLAYLIST_FPS
        device.close()


def test_closing_ends_the_wait_for_a_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = threading.Event()

    def far_ahead(clock: PlayoutClock, time_s: float, now_s: float) -> float:
        waits.set()
        return 60.0

    monkeypatch.setattr(PlayoutClock, "hold_s", far_ahead)
    write_playlist(tmp_path)
    with serve(tmp_path) as address:
        device = StreamDevice(f"{address}/live.m3u8")
        pictures: list[np.ndarray | None] = []
        reader = threading.Thread(target=lambda: pictures.append(device.read()), daemon=True)
        reader.start()
        assert waits.wait(20)
        device.close()
        reader.join(20)
        assert pictures == [None]


def test_a_stream_far_behind_is_given_up_to_be_opened_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_playlist(tmp_path)
    with serve(tmp_path) as address:
        device = StreamDevice(f"{address}/live.m3u8")
        assert device.read() is not None
        monkeypatch.setattr(stream_device, "_MOST_BEHIND_S", -1.0)
        assert device.read() is None
        device.close()


def test_plain_streams_are_not_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlayoutClock, "hold_s", None)
    with _serve_pictures() as port, open_source(f"http://127.0.0.1:{port}/live") as source:
        assert len(list(itertools.islice(source, 3))) == 3


def test_pictures_without_end_are_live_whatever_length_the_camera_states() -> None:
    with _serve_pictures() as port, open_source(f"http://127.0.0.1:{port}/length") as source:
        assert source.is_live
