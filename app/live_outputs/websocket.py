"""Keypoints as JSON over WebSocket: the lines of the native keypoint file (.jsonl), one a message."""

import asyncio
import ipaddress
import logging
import re
import socket
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from app.address import Address
from app.errors import OutputError
from app.results import FrameResult
from app.sinks.keypoints_jsonl import KeypointsHeader, header_json, result_json
from model.arrays import UInt8Array

_WILDCARD_HOSTS = ("0.0.0.0", "::")
# Any page that the user's browser has open may ask for a connection to this machine; one from elsewhere gets none.
_LOCAL_PAGES: list[Origin | re.Pattern[str] | None] = [
    None,  # a program that is no browser
    re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"),
]
_ON_THE_WAY = 4  # messages; more would be old by the time that a slow client reads them
_CLOSE_S = 0.5

# A stranger's broken handshake is no news for the terminal.
_LOGGER = logging.getLogger(__name__)
_LOGGER.setLevel(logging.CRITICAL)


class WebSocketOutput:
    """A server that sends every client the header of the source, then frames as they come.

    A client that reads too slowly misses frames, and gets the newest next, after what its own library has taken in.

    Args:
        address: Where it listens; port 0 for any free one. While the host is loopback, pages that come from other
            hosts are refused.
    """

    def __init__(self, address: Address) -> None:
        """Start listening.

        Raises:
            OutputError: The port is taken or not allowed, or the host is none of this machine's.
        """
        self._host = address.host
        self._connections: WeakSet[ServerConnection] = WeakSet()  # also those that have not said what they want
        self._clients: set[_Client] = set()
        self._header: str | None = None
        self._newest: FrameResult | None = None
        self._listening: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()
        self._thread = threading.Thread(target=self._run, args=(address,), name="websocket", daemon=True)
        self._thread.start()
        try:
            self._loop, self._stop, self._port = self._listening.result()
        except (OSError, UnicodeError) as error:
            self._thread.join()
            reason = str(error).rpartition(": ")[2]
            raise OutputError(f"cannot listen on {address} for WebSocket: {reason}; choose another port") from error

    @property
    def address(self) -> str:
        host = socket.gethostname() if self._host in _WILDCARD_HOSTS else self._host
        return f"ws://{Address(host, self._port)}"

    @property
    def receivers(self) -> int:
        return len(self._clients)

    def begin(self, header: KeypointsHeader) -> None:
        self._loop.call_soon_threadsafe(self._begin, header_json(header))

    def send(self, drawn: Callable[[], UInt8Array], result: FrameResult) -> None:
        self._loop.call_soon_threadsafe(self._offer, result)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    # On the server's own thread.

    def _run(self, address: Address) -> None:
        asyncio.run(self._serve(address))

    async def _serve(self, address: Address) -> None:
        try:
            server = await serve(
                self._attend,
                **_where(address),
                origins=_LOCAL_PAGES if _is_loopback(address.host) else None,
                compression=None,  # it costs more time than it saves, and memory for each client
                close_timeout=_CLOSE_S,
                create_connection=self._connect,  # type: ignore[arg-type]  # a wrapper will do, its documentation says
                logger=_LOGGER,
            )
        except Exception as error:  # raised where the output is being made
            self._listening.set_exception(error)
            return
        stop = asyncio.Event()
        self._listening.set_result((asyncio.get_running_loop(), stop, server.sockets[0].getsockname()[1]))
        await stop.wait()
        await self._shut(server)

    def _connect(self, *args: Any, **options: Any) -> ServerConnection:
        connection = ServerConnection(*args, **options)
        self._connections.add(connection)
        return connection

    async def _attend(self, connection: ServerConnection) -> None:
        client = _Client(connection)
        client.begin(self._header)
        if self._newest is not None:  # which may be a picture that stands still: no other follows
            client.offer(result_json(self._newest))
        self._clients.add(client)
        sending = asyncio.create_task(client.send_newest())
        listening = asyncio.create_task(client.ignore_messages())
        try:
            await asyncio.wait((sending, listening), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._clients.discard(client)
            sending.cancel()
            listening.cancel()

    def _begin(self, header: str) -> None:
        self._header, self._newest = header, None
        for client in self._clients:
            client.begin(header)

    def _offer(self, result: FrameResult) -> None:
        self._newest = result
        frame = result_json(result) if self._clients else ""
        for client in self._clients:
            client.offer(frame)

    async def _shut(self, server: Server) -> None:
        for client in self._clients:
            client.finish()
        server.close(close_connections=False)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await server.wait_closed()
        for connection in self._connections:  # those that do not read or write even now
            if hasattr(connection, "transport"):
                connection.transport.abort()


class _Client:
    """One connection, and what waits to be sent on it: a header, and the newest frame after it."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._header: str | None = None
        self._frame: str | None = None
        self._finished = False
        self._changed = asyncio.Event()

    def begin(self, header: str | None) -> None:
        self._header, self._frame = header, None
        self._changed.set()

    def offer(self, frame: str) -> None:
        self._frame = frame
        self._changed.set()

    def finish(self) -> None:
        self._finished = True
        self._changed.set()

    async def send_newest(self) -> None:
        """Send until finished, or until the client has left.

        A ping follows every message, and its answer tells that the client's side has come so far: buffers on the way,
        which hold seconds, are never filled.
        """
        answers: deque[Awaitable[float]] = deque()
        with suppress(ConnectionClosed):
            while True:
                if self._header is not None:
                    text, self._header = self._header, None
                elif self._frame is not None:
                    text, self._frame = self._frame, None
                elif self._finished:
                    return
                else:
                    self._changed.clear()
                    await self._changed.wait()
                    continue
                await self._connection.send(text)
                answers.append(await self._connection.ping())
                if len(answers) > _ON_THE_WAY:
                    await answers.popleft()

    async def ignore_messages(self) -> None:
        """Read until the client leaves; clients have nothing to say."""
        with suppress(ConnectionClosed):
            async for _ in self._connection:
                pass


def _where(address: Address) -> dict[str, Any]:
    """Where to listen, as asyncio takes it: at :: for IPv4 too, which asyncio by itself would not."""
    if address.host == "::" and socket.has_dualstack_ipv6():
        return {"sock": socket.create_server(("::", address.port), family=socket.AF_INET6, dualstack_ipv6=True)}
    return {"host": address.host, "port": address.port}


def _is_loopback(host: str) -> bool:
    """Whether a host, however it is written, is this machine alone."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # listening tells
    return all(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found)
