"""Where frames come from: video files, pictures, folders of pictures, cameras and network streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urlsplit

from app.address import without_password
from app.errors import SourceError
from app.results import Frame

if TYPE_CHECKING:
    from app.sources.devices import CaptureMode

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".bmp", ".tif", ".tiff"})
VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".wmv", ".flv", ".3gp"}
    | {".ogv", ".gif"}
)

_FILE_SCHEMES = frozenset({"http", "https", "ftp", "sftp"})  # which also carry live streams
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # at least two letters, so that C:\ is a path
_FILE_URL = re.compile(r"file://(?:localhost(?=/))?", re.IGNORECASE)
# An address without its scheme, or with one that is not followed by ://; a path that is not there, else.
_SHORT_OF_A_URL = re.compile(
    r"(?:rtsps?|rtmps?|https?|srt|udp)[:/]"
    r"|[^/\\]*\w[.:]\w[^/\\]*/."  # a host before a path
    r"|[\w.-]+:\d+$"  # a host and a port
    r"|\d+(?:\.\d+){3}$",
    re.IGNORECASE,
)
_LINUX_CAMERA = re.compile(r"/dev/video(\d+)")


class Source(Protocol):
    """A sequence of frames, read once per iteration."""

    @property
    def name(self) -> str:
        """What to call it in messages and in keypoint files; passwords in URLs are left out."""

    @property
    def is_live(self) -> bool:
        """Frames come at their own pace and are dropped where nobody takes them; there is no end."""

    @property
    def continuous(self) -> bool:
        """Each frame follows the one before in time, so people can be tracked; false for pictures."""

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels of the first frame; of the newest frame where the source is live."""

    @property
    def fps(self) -> float | None:
        """Nominal or average frame rate; None where unknown. Frames carry their own times."""

    @property
    def frame_count(self) -> int | None:
        """Number of frames as the file states it; None where unknown."""

    @property
    def duration_s(self) -> float | None:
        """Length in seconds as the file states it; None where unknown."""

    @property
    def damaged_frames(self) -> int:
        """How many frames of the iteration so far could not be decoded and were left out."""

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None:
        """Stop a running iteration and let go of the device."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_source(spec: str | Path, *, mode: CaptureMode | None = None, give_up_s: float | None = 30.0) -> Source:
    """Open whatever a user named.

    Args:
        spec: A video file, a picture, a folder of pictures (natural order: frame2 before frame10), a camera index
            ("0", "/dev/video0") or a URL; a file:// URL is a path. What a web address gives is read like a file, frame
            by frame, where it has a stated length, in seconds or in bytes, and as a live stream where it has none;
            a playlist of segments (HLS) is a file only where it states a duration.
        mode: What to ask of a camera; None for its own default.
        give_up_s: How long a lost camera or stream is waited for before iteration raises; None for ever.

    Raises:
        SourceError: There is nothing there that yields a frame.
    """
    camera = _camera_index(spec)
    if camera is not None:
        from app.sources.live import open_camera

        return open_camera(camera, mode, give_up_s=give_up_s)
    spec = _file_of(spec)
    if isinstance(spec, str) and _URL.match(spec):
        return _open_url(spec, give_up_s)
    path = Path(spec)
    if _is_folder(path):
        from app.sources.pictures import PictureFolderSource

        return PictureFolderSource(path)
    if _SHORT_OF_A_URL.match(str(spec)) and not path.exists():
        shown = without_password(f"://{spec}").removeprefix("://")
        raise SourceError(f"{shown} does not exist; check the path, or begin an address with rtsp:// or http://")
    check_readable(path)
    if path.suffix.lower() in PICTURE_SUFFIXES:
        from app.sources.pictures import PictureSource

        return PictureSource(path)
    from app.sources.video_file import VideoFileSource

    return VideoFileSource(path)


def expand_input(spec: str | Path) -> list[str | Path]:
    """What one input of the command line stands for.

    A folder stands for its pictures together, which is the folder itself, followed by each of its videos in natural
    order; subfolders are not entered. Anything else stands for itself.

    Raises:
        SourceError: It is empty, or the folder cannot be listed, or holds neither pictures nor videos.
    """
    spec = _file_of(spec)
    if not is_path(spec):
        return [spec]
    folder = Path(spec)
    if not _is_folder(folder):
        return [spec]
    videos = files_in(folder, VIDEO_SUFFIXES)
    pictures: list[str | Path] = [folder] if files_in(folder, PICTURE_SUFFIXES) else []
    if not videos and not pictures:
        raise SourceError(f"{folder} holds no pictures or videos; give a folder with some (subfolders are not entered)")
    return pictures + list(videos)


def holds_videos_alone(path: Path) -> bool:
    """Whether this is a folder with videos, but no picture, directly in it."""
    try:
        return path not in expand_input(path)
    except SourceError:
        return False  # opening it tells


def files_of(spec: str | Path) -> list[Path]:
    """The files that an input is read from: itself, the pictures of a folder, or none for cameras and addresses.

    Raises:
        SourceError: It is empty.
    """
    spec = _file_of(spec)
    if not is_path(spec):
        return []
    path = Path(spec)
    try:
        return files_in(path, PICTURE_SUFFIXES) if _is_folder(path) else [path]
    except SourceError:  # told when it is opened
        return []


def files_in(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    """Files of a folder with one of these suffixes, in natural order, hidden ones left out.

    Raises:
        SourceError: The folder cannot be listed.
    """
    try:
        entries = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()]
    except OSError as error:
        raise SourceError(f"cannot list {folder}: {error.strerror}; check the folder's permissions") from error
    return sorted((path for path in entries if path.suffix.lower() in suffixes), key=_natural_order)


def check_readable(path: Path) -> None:
    """Tell apart the ways in which a file can be useless before any decoder sees it.

    Raises:
        SourceError: The path is absent, no file, not permitted or empty.
    """
    try:
        if not path.exists():
            raise SourceError(f"{path} does not exist; check the path")
        if not path.is_file():
            raise SourceError(f"{path} is not a file; give a video, a picture or a folder of pictures")
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    if empty:
        raise SourceError(f"{path} is empty (0 bytes); copy or export it again")


def _file_of(spec: str | Path) -> str | Path:
    """The path that a file:// address stands for; anything else as it is.

    Raises:
        SourceError: Nothing is left, which as a path would be the current folder.
    """
    start = _FILE_URL.match(spec) if isinstance(spec, str) else None
    rest = spec if start is None else str(spec)[start.end() :]
    if rest == "":
        raise SourceError("nothing is named as input; give a video, a picture, a folder, a camera's number or a URL")
    if start is None:
        return spec
    from urllib.request import url2pathname

    return Path(url2pathname(str(rest)))


def is_path(spec: str | Path) -> bool:
    """Whether it names a file or a folder, there or not: no camera and no address."""
    return _camera_index(spec) is None and not (isinstance(spec, str) and _URL.match(spec))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name too long for the file system, or a folder on the way that may not be entered
        raise SourceError(f"cannot read {path}: {error.strerror}; check the path and its permissions") from error


def _camera_index(spec: str | Path) -> int | None:
    """A camera's index; a Path of digits is a file's name."""
    linux_camera = _LINUX_CAMERA.fullmatch(str(spec))
    if linux_camera:
        return int(linux_camera[1])
    return int(spec) if isinstance(spec, str) and spec.isascii() and spec.isdigit() else None


def _open_url(url: str, give_up_s: float | None) -> Source:
    from app.sources.live import open_stream
    from app.sources.video_file import VideoFileSource

    try:
        address = urlsplit(url)
    except ValueError as error:
        raise SourceError(f"{without_password(url)} is no address ({error}); check how it is written") from error
    if address.scheme.lower() in _FILE_SCHEMES:
        source = VideoFileSource(url)
        is_picture = Path(address.path).suffix.lower() in PICTURE_SUFFIXES
        if is_picture or source.has_end:
            return source
        source.close()
    return open_stream(url, give_up_s=give_up_s)


def _natural_order(path: Path) -> tuple[list[str | int], str]:
    parts = re.split(r"(\d+)", path.name.casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], path.name
