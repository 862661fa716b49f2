"""Where results go: overlay videos and pictures, and keypoint files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from app.errors import SinkError
from app.results import FrameResult
from model.arrays import UInt8Array

if TYPE_CHECKING:
    from app.sinks.keypoints_jsonl import KeypointsHeader

VIDEO_SUFFIXES = (".mp4", ".mov", ".mkv")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
KEYPOINT_SUFFIXES = (".jsonl", ".csv", ".json")


class ImageSink(Protocol):
    """Takes drawn pictures as they are made. What was written before an error stays readable."""

    def write(self, image: UInt8Array, time_s: float) -> None:
        """Add a picture (H, W, 3) uint8 BGR, shown from time_s on.

        Raises:
            SinkError: It cannot be written.
        """

    def close(self) -> None:
        """Complete the file.

        Raises:
            SinkError: It cannot be completed.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class KeypointSink(Protocol):
    """Takes the results of one frame after another; each is in the file once write returns."""

    def write(self, result: FrameResult) -> None:
        """Add everybody of a frame.

        Raises:
            SinkError: It cannot be written; the file ends with the frame before.
        """

    def close(self) -> None:
        """Close the file; it is complete already."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_image_sink(
    path: Path,
    size: tuple[int, int],
    *,
    fps_hint: float | None = None,
    audio_from: Path | str | None = None,
    audio_start_s: float = 0.0,
) -> ImageSink:
    """Open a video or picture file by its suffix; an existing file is replaced.

    Args:
        path: .mp4, .mov or .mkv for a video; .png, .jpg and so on for a single picture.
        size: (height, width) of the pictures to come.
        fps_hint: The rate they come at, where known.
        audio_from: A file or its address, whose sound goes with the video; None for silence. A picture has none.
        audio_start_s: The time in that file which the video's time 0 stands for.

    Raises:
        SinkError: An unknown suffix, or the file cannot be created.
    """
    if path.suffix.lower() in PICTURE_SUFFIXES:
        from app.sinks.pictures import PictureSink

        return PictureSink(path)
    from app.sinks.overlay_video import OverlayVideoSink

    return OverlayVideoSink(path, size, fps_hint, audio_from, audio_start_s)


def open_keypoint_sink(path: Path, header: KeypointsHeader, *, image_ids: Sequence[int] | None = None) -> KeypointSink:
    """Open a keypoint file by its suffix; an existing file is replaced.

    Args:
        path: .jsonl (native), .csv (a row a keypoint) or .json (COCO results).
        header: What the native file says about its source; the .csv takes the keypoints' names from it.
        image_ids: COCO image ids by frame index; None for the frame indices themselves.

    Raises:
        SinkError: An unknown suffix, or the file cannot be created.
    """
    from app.sinks.keypoints_coco import KeypointsCocoSink
    from app.sinks.keypoints_csv import KeypointsCsvSink
    from app.sinks.keypoints_jsonl import KeypointsJsonlSink

    match path.suffix.lower():
        case ".jsonl":
            return KeypointsJsonlSink(path, header)
        case ".csv":
            return KeypointsCsvSink(path, header.keypoint_names)
        case ".json":
            return KeypointsCocoSink(path, image_ids)
    raise unknown_suffix(path, KEYPOINT_SUFFIXES)


class Originals:
    """Files that no output may destroy; anything else that exists may be replaced."""

    def __init__(self) -> None:
        self._identities: set[tuple[int, int]] = set()

    def add(self, paths: Iterable[Path]) -> None:
        """Add files; those that are not there are left out."""
        self._identities |= {identity for path in paths if (identity := _identity(path)) is not None}

    def __contains__(self, path: Path) -> bool:
        """Whether a path is one of them, also by another name or link."""
        return _identity(path) in self._identities

    def check(self, output: Path) -> None:
        """Refuse an output that is one of them.

        Raises:
            SinkError: It is.
        """
        if output in self:
            raise SinkError(f"the output {output} is one of the inputs; name another file or folder")


def _identity(path: Path) -> tuple[int, int] | None:
    """What a file has in common with itself under other names; None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def create_folder_of(path: Path) -> None:
    """Make the folders that an output file lies in.

    Raises:
        SinkError: They cannot be made, or the file's own name is taken by a folder.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        taken = path.is_dir()
    except OSError as error:
        raise write_error(path, error.strerror) from error
    if taken:
        raise SinkError(f"{path} is a folder; give a file name")


def check_writable(path: Path) -> None:
    """Tell that an output cannot be written before work is done for it or another output is begun; touches neither.

    Raises:
        SinkError: Its folder cannot be made or written, it is a folder, or the file that is there cannot be written.
    """
    create_folder_of(path)
    try:
        if path.is_file():
            with path.open("ab"):
                pass
        elif not path.exists():  # a pipe or a device takes what it takes
            with TemporaryFile(dir=path.parent):
                pass
    except OSError as error:
        raise write_error(path, error.strerror) from error


def check_replaceable(path: Path) -> None:
    """Refuse what a finished file cannot take the place of.

    Raises:
        SinkError: It is a device, a pipe or the like; or as `check_writable`.
    """
    check_writable(path)
    if path.exists() and not path.is_file():
        raise SinkError(f"{path} is no ordinary file; give the name of one")


def write_error(path: Path, reason: str | None) -> SinkError:
    """The error of a file that cannot be written."""
    return SinkError(f"cannot write {path}: {reason}; check its folder's permissions and the disk's free space")


def unknown_suffix(path: Path, known: Iterable[str]) -> SinkError:
    """The error of a file whose suffix names no format that is written."""
    wrong = f"{path}: {path.suffix} is not written" if path.suffix else f"{path} has no suffix that names a format"
    return SinkError(f"{wrong}; give it one of {', '.join(known)}")
