"""Live outputs come and go with their switches."""

import socket

import numpy as np
import pytest

from app.live.controller import LiveController
from app.settings import OutputSettings, Settings
from tests.app.live.fakes import Builder, FakeCamera, NewsList, opener_of, wait_for


@pytest.fixture
def controller():
    made = LiveController(Settings(), NewsList(), opener=opener_of({"0": FakeCamera}), build=Builder())
    yield made
    assert made.close()


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)
        yield listening


def _apply(controller: LiveController, **outputs: object) -> None:
    controller.apply(controller.settings.model_copy(update={"outputs": OutputSettings(**outputs)}))


def test_every_picture_is_sent_while_the_switch_is_on(controller, receiver) -> None:
    address = f"127.0.0.1:{receiver.getsockname()[1]}"
    controller.open("0")
    _apply(controller, osc=True, osc_address=address)
    for _ in range(3):
        assert receiver.recv(65536).startswith(b"#bundle")
    assert controller.output_states["osc"].address is not None
    assert controller.output_states["osc"].failure is None
    _apply(controller)
    assert controller.output_states == {}
    wait_for(lambda: not [thread for thread in controller.threads() if "osc" in thread.name])


def test_another_address_is_used_at_once(controller, receiver) -> None:
    controller.open("0")
    _apply(controller, osc=True, osc_address="127.0.0.1:9")
    wait_for(lambda: controller.output_states["osc"].address is not None)
    _apply(controller, osc=True, osc_address=f"127.0.0.1:{receiver.getsockname()[1]}")
    assert receiver.recv(65536)


def test_an_output_that_cannot_be_opened_is_told_and_the_picture_goes_on(controller, receiver) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        controller.open("0")
        _apply(controller, websocket=True, websocket_address=f"127.0.0.1:{taken.getsockname()[1]}")
        wait_for(lambda: controller.output_states["websocket"].failure is not None)
        wait_for(lambda: controller.figures().persons == 1)
    assert np.isfinite(controller.figures().inference_fps)


def test_an_output_switched_off_and_on_gets_its_port_back(controller) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for host in ("127.0.0.1", "127.0.0.1", "0.0.0.0", "127.0.0.1"):
        _apply(controller, websocket=True, websocket_address=f"{host}:{port}")
        wait_for(lambda: controller.output_states["websocket"].address is not None)
        assert controller.output_states["websocket"].failure is None
        if host == "127.0.0.1":
            _apply(controller)
