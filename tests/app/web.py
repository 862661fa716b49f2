"""A web server for tests of addresses, and a live stream for it to serve."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.app.clips import shades, write_clip

PLAYLIST_FPS = 25


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """A web server for a folder; gives its address."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def write_playlist(folder: Path) -> Path:
    """Write a live stream in segments (HLS): two of them by now, of 30 frames each, at PLAYLIST_FPS."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2", "#EXT-X-MEDIA-SEQUENCE:0"]
    for i in range(2):
        times_s = [(30 * i + j) / PLAYLIST_FPS for j in range(30)]
        segment = write_clip(folder / f"{i}.ts", shades(30), times_s, options={"g": "1"})
        lines += [f"#EXTINF:{30 / PLAYLIST_FPS},", segment.name]
    playlist = folder / "live.m3u8"
    playlist.write_text("\n".join([*lines, ""]))
    return playlist
