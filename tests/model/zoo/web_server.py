"""A web server on this machine that can be told to misbehave, and weight sets whose files it has."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from model.zoo import DetectorWeightSet, WeightFile


@dataclass
class WebServer:
    """What the server sends, and what it was asked.

    Attributes:
        contents: Bytes by name of file.
        ranges: Whether it can begin in the middle of a file.
        break_after: For each request to come, after how many bytes the connection ends; after those, none ends early.
        may_answer: Cleared, the server takes requests and says nothing until it is set.
        requests: (path, Range header) of each request.
    """

    address: str = ""
    contents: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    break_after: list[int] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"


@contextmanager
def serving() -> Iterator[WebServer]:
    state = WebServer()
    state.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.requests.append((self.path, wanted))
            state.may_answer.wait()
            content = state.contents.get(self.path.removeprefix("/"))
            if content is None:
                self.send_error(404)
                return
            asked = re.fullmatch(r"bytes=(\d+)-", wanted) if wanted and state.ranges else None
            start = int(asked[1]) if asked else 0
            if start and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            end = start + state.break_after.pop(0) if state.break_after else len(content)
            self.wfile.write(content[start:end])

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.may_answer.set()
        server.shutdown()
        thread.join()
        server.server_close()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def published(web: WebServer, contents: dict[str, bytes], name: str = "a-set") -> DetectorWeightSet:
    """A weight set of these files, which the server has."""
    web.contents |= contents
    files = (
        WeightFile(name=file, url=web.url(file), size=len(content), sha256=sha256(content))
        for file, content in contents.items()
    )
    return DetectorWeightSet(name=name, origin="this test", licence="none", input_size="320x320", files=tuple(files))


def with_hash(weight_set: DetectorWeightSet, digest: str | None, size: int | None = None) -> DetectorWeightSet:
    """The same set of one file, of which the catalogue knows another hash and size."""
    file = weight_set.files[0].model_copy(update={"sha256": digest, "size": size})
    return weight_set.model_copy(update={"files": (file,)})
