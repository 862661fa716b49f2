"""The WebSocket server as its clients meet it."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.address import Address
from app.errors import OutputError
from app.live_outputs.websocket import WebSocketOutput
from app.sinks.keypoints_jsonl import KeypointsJsonlSink
from tests.app.live_outputs.examples import header, person, picture, result

ANY_PORT = Address("127.0.0.1", 0)


@pytest.fixture
def output() -> Iterator[WebSocketOutput]:
    made = WebSocketOutput(ANY_PORT)
    yield made
    made.close()


def receive(client: ClientConnection) -> dict:
    return json.loads(client.recv(timeout=10))


def wait_for_receivers(output: WebSocketOutput, count: int) -> None:
    deadline = time.monotonic() + 10
    while output.receivers != count:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_client_gets_the_lines_of_the_native_file(output: WebSocketOutput, tmp_path) -> None:
    with KeypointsJsonlSink(tmp_path / "k.jsonl", header("고양이.mp4")) as sink:
        sink.write(result(0, person(1), person(2)))
        sink.write(result(1))
    lines = (tmp_path / "k.jsonl").read_text(encoding="utf-8").splitlines()
    output.begin(header("고양이.mp4"))
    with connect(output.address) as client:
        assert client.recv(timeout=10) == lines[0]
        output.send(picture, result(0, person(1), person(2)))
        assert client.recv(timeout=10) == lines[1]
        output.send(picture, result(1))
        assert client.recv(timeout=10) == lines[2]


def test_a_client_that_comes_before_the_source_waits_for_its_header(output: WebSocketOutput) -> None:
    with connect(output.address) as client:
        wait_for_receivers(output, 1)
        output.begin(header("first.mp4"))
        assert receive(client)["source"] == "first.mp4"
        output.send(picture, result(0))
        assert receive(client)["frame"] == 0
        output.begin(header("second.mp4"))
        assert receive(client)["source"] == "second.mp4"


def test_several_clients_come_and_go(output: WebSocketOutput) -> None:
    output.begin(header())
    with connect(output.address) as first:
        assert receive(first)["format"] == "lite-hrnet-live"
        output.send(picture, result(0))
        assert receive(first)["frame"] == 0
        with connect(output.address) as second:
            assert receive(second)["format"] == "lite-hrnet-live"
            assert receive(second)["frame"] == 0, "the newest, which may be one that stands still"
            output.send(picture, result(1))
            assert receive(first)["frame"] == receive(second)["frame"] == 1
        wait_for_receivers(output, 1)
        output.send(picture, result(2))
        assert receive(first)["frame"] == 2
        first.socket.shutdown(socket.SHUT_RDWR)  # a pulled cable says no goodbye
        wait_for_receivers(output, 0)
    output.send(picture, result(3))
    with connect(output.address) as third:
        assert "source" in receive(third)
        assert receive(third)["frame"] == 3
        output.begin(header("other.mp4"))
        assert receive(third)["source"] == "other.mp4"
        with connect(output.address) as fourth:
            assert receive(fourth)["source"] == "other.mp4"
            output.send(picture, result(4))
            assert receive(fourth)["frame"] == 4, "and none of the source before"


def test_a_client_that_does_not_read_misses_frames_and_holds_nobody_up(output: WebSocketOutput) -> None:
    output.begin(header())
    crowd = [person(number) for number in range(30)]
    frames = 400  # some 6 MB, far more than the buffers between the two hold
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.connect(("127.0.0.1", int(output.address.rpartition(":")[2])))
    with connect(output.address, sock=small, max_queue=1) as slow, connect(output.address) as quick:
        wait_for_receivers(output, 2)
        assert "source" in receive(quick)
        for index in range(frames):
            output.send(picture, result(index, *crowd))
            assert receive(quick)["frame"] == index, "each arrives at once, though the other client reads nothing"
        assert "source" in receive(slow)
        got = [receive(slow)["frame"]]
        while got[-1] != frames - 1:
            got.append(receive(slow)["frame"])
    assert got == sorted(set(got))
    assert len(got) < frames / 2


def test_what_a_slow_client_reads_is_new_whatever_buffers_hold(output: WebSocketOutput) -> None:
    """One person's frames are small: hundreds would fit between the two."""
    output.begin(header())
    frames = 400
    with connect(output.address) as slow:
        wait_for_receivers(output, 1)
        for index in range(frames):
            output.send(picture, result(index, person()))
            time.sleep(0.001)
        assert "source" in receive(slow)
        got = [receive(slow)["frame"]]
        while got[-1] != frames - 1:
            got.append(receive(slow)["frame"])
    assert len(got) < 40, "what the client's library keeps, and little more"


def test_what_clients_say_is_ignored(output: WebSocketOutput) -> None:
    output.begin(header())
    with connect(output.address) as client:
        for _ in range(100):
            client.send("hello")
        receive(client)
        output.send(picture, result(0))
        assert receive(client)["frame"] == 0


def test_closing_sends_the_last_frame_and_says_goodbye() -> None:
    output = WebSocketOutput(ANY_PORT)
    output.begin(header())
    with connect(output.address) as client:
        receive(client)
        output.send(picture, result(8))
        output.close()
        assert receive(client)["frame"] == 8
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=10)
    assert "websocket" not in {thread.name for thread in threading.enumerate()}


def test_closing_does_not_wait_for_a_client_that_is_stuck() -> None:
    output = WebSocketOutput(ANY_PORT)
    output.begin(header())
    port = int(output.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as silent:  # never even says what it wants
        output.close()
        silent.settimeout(10)
        assert silent.recv(1) == b""


def test_a_taken_port_is_one_line(output: WebSocketOutput) -> None:
    port = int(output.address.rpartition(":")[2])
    with pytest.raises(OutputError, match=rf"cannot listen on 127\.0\.0\.1:{port} .*in use; choose another") as error:
        WebSocketOutput(Address("127.0.0.1", port))
    assert "\n" not in str(error.value)
    with pytest.raises(OutputError, match="cannot listen on"):
        WebSocketOutput(Address("nowhere.invalid", 8765))


@pytest.mark.parametrize("origin", ["http://localhost:5500", "http://127.0.0.1", "https://[::1]:8000"])
def test_pages_of_this_machine_may_connect(output: WebSocketOutput, origin: str) -> None:
    output.begin(header())
    with connect(output.address, origin=origin) as client:
        assert "source" in receive(client)


@pytest.mark.parametrize("origin", ["https://example.com", "null", "http://localhost.example.com"])
def test_pages_from_elsewhere_are_refused(output: WebSocketOutput, origin: str) -> None:
    with pytest.raises(InvalidStatus, match="403"), connect(output.address, origin=origin):
        pass


@pytest.mark.parametrize("host", ["LOCALHOST", "127.0.0.2"])
def test_this_machine_alone_is_known_however_it_is_written(host: str) -> None:
    try:
        output = WebSocketOutput(Address(host, 0))
    except OutputError as error:  # macOS has 127.0.0.1 alone
        pytest.skip(str(error))
    port = output.address.rpartition(":")[2]
    with pytest.raises(InvalidStatus, match="403"), connect(f"ws://{host}:{port}", origin="https://example.com"):
        pass
    output.close()


def test_open_to_every_network_it_takes_both_kinds_of_address() -> None:
    try:
        output = WebSocketOutput(Address("::", 0))
    except OutputError as error:
        pytest.skip(f"no IPv6 here: {error}")
    port = output.address.rpartition(":")[2]
    output.begin(header())
    for host in ("127.0.0.1", "[::1]"):
        with connect(f"ws://{host}:{port}") as client:
            assert "source" in receive(client)
    output.close()


def test_open_to_the_network_it_tells_the_machines_name_and_takes_any_page() -> None:
    output = WebSocketOutput(Address("0.0.0.0", 0))
    assert output.address.startswith(f"ws://{socket.gethostname()}:")
    port = output.address.rpartition(":")[2]
    output.begin(header())
    with connect(f"ws://127.0.0.1:{port}", origin="http://192.168.0.7:8000") as client:
        assert "source" in receive(client)
    output.close()
