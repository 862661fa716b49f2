"""Keypoints as OSC bundles over UDP; docs/live-outputs.md tells receivers what comes.

Source: Open Sound Control 1.0 (Wright, 2002). Bundles are marked to be acted on immediately.
"""

import math
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from app.address import Address
from app.errors import OutputError
from app.results import FrameResult, Person
from app.sinks.keypoints_jsonl import KeypointsHeader
from model.arrays import UInt8Array

ROOT = "/lite-hrnet-live"

_INT, _FLOAT = OscMessageBuilder.ARG_TYPE_INT, OscMessageBuilder.ARG_TYPE_FLOAT


class OscOutput:
    """Sends a bundle for every frame, and one for each person in it.

    A datagram per person stays below 1472 bytes, what an Ethernet frame carries: it arrives whole or not at all, and no
    network has to piece it together.

    Args:
        receiver: Where the bundles go.
    """

    def __init__(self, receiver: Address) -> None:
        """Look the receiver's host up; whether anybody listens there is not asked.

        Raises:
            OutputError: No host has that name.
        """
        try:
            found = socket.getaddrinfo(receiver.host, receiver.port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise OutputError(f"cannot send OSC to {receiver}: {reason}; check the host's name") from error
        # A receiver is most likely to listen there: what is called localhost may be found as ::1 first.
        family, kind, protocol, _, target = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        self._target: tuple[Any, ...] = target
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._receiver = receiver
        self._names: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return f"osc.udp://{self._receiver}"

    @property
    def receivers(self) -> None:
        """UDP tells nothing of who listens."""
        return

    def begin(self, header: KeypointsHeader) -> None:
        self._names = header.keypoint_names

    def send(self, drawn: Callable[[], UInt8Array], result: FrameResult) -> None:
        for datagram in (_frame_bundle(result), *(self._person_bundle(person, result) for person in result.persons)):
            # As with every lost datagram, the next frame makes up for one that the network does not take now.
            with suppress(OSError):
                self._socket.sendto(datagram, self._target)

    def close(self) -> None:
        self._socket.close()

    def _person_bundle(self, person: Person, result: FrameResult) -> bytes:
        height, width = result.image_size
        size = np.array([width, height], np.float32)
        root = f"{ROOT}/person/{person.track_id}"
        corners = (person.box.reshape(2, 2) / size).ravel()  # boxes end at the picture's edges, not at its last pixels
        places = ((person.keypoints + 0.5) / size).astype(np.float32)  # of pixels, centres lie at integers
        messages = [(f"{root}/box", [*map(float, corners), _finite(person.score)], _FLOAT)]
        for name, (x, y), score in zip(self._names, places, person.scores, strict=True):
            values = [float(x), float(y), _finite(score)]
            if not all(map(math.isfinite, values)):
                values = [0.0, 0.0, 0.0]  # a keypoint without a place, as in files
            messages.append((f"{root}/keypoint/{name}", values, _FLOAT))
        return _bundle(messages)


def _frame_bundle(result: FrameResult) -> bytes:
    height, width = result.image_size
    return _bundle(
        [
            (f"{ROOT}/frame", [result.frame_index, width, height], _INT),
            (f"{ROOT}/time", [result.time_s], _FLOAT),
            (f"{ROOT}/persons", [person.track_id for person in result.persons], _INT),
        ]
    )


def _bundle(messages: list[tuple[str, list[float], str]]) -> bytes:
    bundle = OscBundleBuilder(IMMEDIATELY)
    for path, values, kind in messages:
        message = OscMessageBuilder(path)
        for value in values:
            message.add_arg(value, kind)
        bundle.add_content(message.build())
    return bundle.build().dgram


def _finite(score: float) -> float:
    return float(score) if math.isfinite(score) else 0.0
