"""OSC as a receiver on this machine gets it."""

import socket
from collections.abc import Iterator

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle

from app.address import Address
from app.errors import OutputError
from app.live_outputs.osc import OscOutput
from app.results import Person
from tests.app.live_outputs.examples import SIZE, header, person, picture, result

HEIGHT, WIDTH = SIZE


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiving:
        receiving.bind(("127.0.0.1", 0))
        receiving.settimeout(10)
        yield receiving


@pytest.fixture
def output(receiver: socket.socket) -> Iterator[OscOutput]:
    made = OscOutput(Address("127.0.0.1", receiver.getsockname()[1]))
    made.begin(header())
    yield made
    made.close()


def messages(receiver: socket.socket) -> dict[str, list[float]]:
    """Address and values of each message of the next bundle."""
    bundle = OscBundle(receiver.recv(65536))
    return {message.address: message.params for message in bundle}


def test_a_frame_tells_its_number_time_size_and_who_is_there(receiver: socket.socket, output: OscOutput) -> None:
    output.send(picture, result(5, person(2), person(11)))
    frame = messages(receiver)
    assert frame["/lite-hrnet-live/frame"] == [5, WIDTH, HEIGHT]
    assert frame["/lite-hrnet-live/time"] == [pytest.approx(0.2)]
    assert frame["/lite-hrnet-live/persons"] == [2, 11]


def test_each_person_comes_whole_as_fractions_of_the_picture(receiver: socket.socket, output: OscOutput) -> None:
    somebody = person(7)
    output.send(picture, result(0, somebody))
    messages(receiver)
    parts = messages(receiver)
    assert len(parts) == 18
    x1, y1, x2, y2, score = parts["/lite-hrnet-live/person/7/box"]
    assert (x1, y1, x2, y2, score) == (0, 0, pytest.approx(32 / WIDTH), pytest.approx(48 / HEIGHT), pytest.approx(0.75))
    for index, name in enumerate(header().keypoint_names):
        x, y, score = parts[f"/lite-hrnet-live/person/7/keypoint/{name}"]
        back = np.array([x * WIDTH - 0.5, y * HEIGHT - 0.5])
        np.testing.assert_allclose(back, somebody.keypoints[index], atol=1e-4)
        assert score == pytest.approx(float(somebody.scores[index]))


def test_nobody_is_told_too(receiver: socket.socket, output: OscOutput) -> None:
    output.send(picture, result(3))
    assert messages(receiver)["/lite-hrnet-live/persons"] == []
    output.send(picture, result(4))
    assert messages(receiver)["/lite-hrnet-live/frame"][0] == 4, "nothing comes between two frames without people"


def test_a_keypoint_without_a_place_is_zero(receiver: socket.socket, output: OscOutput) -> None:
    somebody = person()
    keypoints = somebody.keypoints.copy()
    keypoints[0] = np.nan
    output.send(picture, result(0, Person(1, somebody.box, 0.9, keypoints, somebody.scores, 0.9)))
    messages(receiver)
    assert messages(receiver)["/lite-hrnet-live/person/1/keypoint/nose"] == [0, 0, 0]


def test_no_datagram_exceeds_an_ethernet_frame(receiver: socket.socket, output: OscOutput) -> None:
    crowd = [person(10_000 + number) for number in range(20)]
    output.send(picture, result(10**6, *crowd))
    sizes = [len(receiver.recv(65536)) for _ in range(21)]
    assert max(sizes) <= 1472


def test_an_absent_receiver_is_no_error(receiver: socket.socket) -> None:
    port = receiver.getsockname()[1]
    receiver.close()
    output = OscOutput(Address("127.0.0.1", port))
    output.begin(header())
    for index in range(20):
        output.send(picture, result(index, person()))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
        late.bind(("127.0.0.1", port))
        late.settimeout(10)
        output.send(picture, result(20, person()))
        assert messages(late)["/lite-hrnet-live/frame"][0] == 20
    output.close()


def test_a_name_with_both_kinds_of_address_is_taken_by_the_older(
    receiver: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port = receiver.getsockname()
    kind = socket.SOCK_DGRAM, socket.IPPROTO_UDP, ""
    found = [(socket.AF_INET6, *kind, ("::1", port, 0, 0)), (socket.AF_INET, *kind, (host, port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: found)
    output = OscOutput(Address("localhost", port))
    output.begin(header())
    output.send(picture, result(3))
    assert messages(receiver)["/lite-hrnet-live/frame"][0] == 3
    output.close()


def test_an_unknown_host_is_one_line() -> None:
    with pytest.raises(
        OutputError, match=r"cannot send OSC to nowhere\.invalid:9000: .*check the host's name"
    ) as error:
        OscOutput(Address("nowhere.invalid", 9000))
    assert "\n" not in str(error.value)


def test_the_address_is_told() -> None:
    output = OscOutput(Address("127.0.0.1", 9000))
    assert output.address == "osc.udp://127.0.0.1:9000"
    assert output.receivers is None
    output.close()
