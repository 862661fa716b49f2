"""The receivers of docs/live-outputs.md work as printed."""

import re
import socket
import threading
from pathlib import Path

import pytest

from app.address import Address
from app.live_outputs.osc import OscOutput
from app.live_outputs.websocket import WebSocketOutput
from tests.app.live_outputs.examples import header, person, picture, result

PAGE = Path(__file__).resolve().parents[2] / "docs" / "live-outputs.md"


def program(word: str) -> str:
    """The one Python program of the page that has this word in it."""
    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (found,) = [text for text in programs if word in text]
    return found


def test_the_osc_receiver(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = program("pythonosc")
    assert text.rstrip().endswith("server.serve_forever()")
    names: dict = {}
    exec(text.replace("9000", str(port)).replace("server.serve_forever()", ""), names)
    with names["server"] as server:
        server.timeout = 10
        output = OscOutput(Address("127.0.0.1", port))
        output.begin(header())
        output.send(picture, result(0, person(3)))
        server.handle_request()
        server.handle_request()
        output.close()
    wrist = header().keypoint_names.index("right_wrist")
    assert (
        capsys.readouterr().out == f"person 3: right wrist at {(wrist + 0.5) / 64:.2f}, {(2 * wrist + 0.5) / 48:.2f}\n"
    )


def test_the_websocket_receiver(capsys: pytest.CaptureFixture[str]) -> None:
    output = WebSocketOutput(Address("127.0.0.1", 0))
    output.begin(header())
    text = program("websockets").replace("ws://127.0.0.1:8765", output.address)
    receiver = threading.Thread(target=exec, args=(text, {}))
    receiver.start()
    while not output.receivers:
        assert receiver.is_alive()
    output.send(picture, result(0, person(3)))
    output.close()
    receiver.join(10)
    assert not receiver.is_alive()
    wrist = header().keypoint_names.index("right_wrist")
    score = round(float(person().scores[wrist]), 4)
    assert capsys.readouterr().out == f"3 [{float(wrist)}, {float(2 * wrist)}, {score}]\n"
