"""Which files a processed source is written to, and writing them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from app.drawing import DrawingStyle, draw_result
from app.errors import OutputError, SinkError
from app.live_outputs.pace import Pace
from app.live_outputs.sender import Sender
from app.results import Frame, FrameResult
from app.sinks import (
    KEYPOINT_SUFFIXES,
    PICTURE_SUFFIXES,
    VIDEO_SUFFIXES,
    ImageSink,
    KeypointSink,
    Originals,
    check_writable,
    open_image_sink,
    open_keypoint_sink,
    unknown_suffix,
)
from app.sinks.angles_csv import ANGLE_SUFFIXES, AnglesCsvSink
from app.sinks.keypoints_jsonl import KeypointsHeader
from app.sources import Source
from app.sources.pictures import PictureFolderSource, PictureSource
from app.sources.video_file import VideoFileSource
from model.arrays import UInt8Array
from model.interruption import without_interruption
from model.skeletons import Skeleton

_USUAL_VIDEO, _USUAL_PICTURE, _USUAL_KEYPOINTS, _USUAL_ANGLES = ".mp4", ".png", ".jsonl", ".csv"


@dataclass(frozen=True)
class Networks:
    """What found the keypoints, for their file.

    Attributes:
        model: Weight set.
        detector: What found the people.
        skeleton: Convention of the keypoints.
    """

    model: str
    detector: str
    skeleton: Skeleton


@dataclass(frozen=True)
class OutputFiles:
    """The files that one source is written to.

    Attributes:
        images: The file that frames are drawn into: one for all, or one for each picture of a folder; empty for no
            pictures.
        keypoints: The keypoint file; None for none.
        angles: The table of joint angles; None for none.
    """

    images: tuple[Path, ...]
    keypoints: Path | None
    angles: Path | None

    def image_of(self, frame: Frame) -> Path:
        """The file that a frame is drawn into."""
        return self.images[frame.index] if len(self.images) > 1 else self.images[0]

    def all(self) -> list[Path]:
        """Every file."""
        return [*self.images, *(path for path in (self.keypoints, self.angles) if path is not None)]


class OutputNames:
    """Chooses the files for one source after another.

    Args:
        output: A video or picture file, or a folder; None for no pictures.
        keypoints: A keypoint file, or a folder; None for none.
        angles: A table of joint angles, or a folder; None for none.
        inputs: How many sources there will be: several need folders.

    Raises:
        SinkError: A suffix that names no format, one file for several inputs, or one for two outputs.
    """

    def __init__(self, output: Path | None, keypoints: Path | None, angles: Path | None, inputs: int) -> None:
        self._originals = Originals()
        self._folders_of_inputs: set[Path] = set()
        self._output = output
        self._keypoints = keypoints
        self._angles = angles
        self._several = inputs > 1
        self._taken: set[str] = set()
        formats = (
            (output, VIDEO_SUFFIXES + PICTURE_SUFFIXES),
            (keypoints, KEYPOINT_SUFFIXES),
            (angles, ANGLE_SUFFIXES),
        )
        for path, known in formats:
            if path is None or _is_folder(path):
                continue
            if path.suffix.lower() not in known:
                raise unknown_suffix(path, known)
            if self._several:
                raise SinkError(f"{path} is one file for {inputs} inputs; name a folder instead")
        if keypoints and angles and not _is_folder(angles) and keypoints.resolve() == angles.resolve():
            raise SinkError(f"{angles} cannot hold both keypoints and angles; give two names or a folder")
        self._taken |= {_key(path) for path, _ in formats if path is not None and not _is_folder(path)}

    def spare(self, originals: Iterable[Path]) -> None:
        """Choose none of these from now on: the files that sources are read from."""
        originals = list(originals)
        self._originals.add(originals)
        self._folders_of_inputs |= {_folder(path) for path in originals}

    def choose(self, source: Source) -> OutputFiles:
        """The files for the next source; none that an earlier one has, or that is an input.

        Raises:
            SinkError: The source does not fit into the file that was named, or that file is an input.
        """
        stem = _stem_of(source)
        named = self._named_by_source(source, stem)
        # What is made of one source has one number, so that a picture and its tables are found together.
        free = dict(zip(named, self._free(list(named.values())), strict=True))
        files = OutputFiles(
            (free["image"],) if "image" in free else self._image_files(source, stem),
            free.get("keypoints", self._keypoints),
            free.get("angles", self._angles),
        )
        for path in files.all():
            self._originals.check(path)
        return files

    def _named_by_source(self, source: Source, stem: str) -> dict[str, Path]:
        """The single files that are to go into folders."""
        named = {}
        if self._output is not None and _is_folder(self._output) and not isinstance(source, PictureFolderSource):
            if isinstance(source, PictureSource):
                suffix = _picture_suffix(Path(source.name))
            else:
                suffix = Path(source.name).suffix.lower()
                suffix = suffix if suffix in VIDEO_SUFFIXES else _USUAL_VIDEO
            named["image"] = self._output / f"{stem}{suffix}"
        if self._keypoints is not None and _is_folder(self._keypoints):
            named["keypoints"] = self._keypoints / f"{stem}{_USUAL_KEYPOINTS}"
        if self._angles is not None and _is_folder(self._angles):
            named["angles"] = self._angles / f"{stem}-angles{_USUAL_ANGLES}"
        return named

    def _image_files(self, source: Source, stem: str) -> tuple[Path, ...]:
        """The file that was named, or the pictures of a folder."""
        output = self._output
        if output is None:
            return ()
        if isinstance(source, PictureFolderSource) and _is_folder(output):
            folder = self._free([output / stem])[0] if self._several else output
            wished = (folder / f"{path.stem}{_picture_suffix(path)}" for path in source.paths)
            return tuple(self._free([path])[0] for path in wished)
        if output.suffix.lower() in PICTURE_SUFFIXES and not isinstance(source, PictureSource):
            raise SinkError(f"{output} holds one picture, {source.name} is several; name a video or a folder")
        return (output,)

    def _free(self, paths: Sequence[Path]) -> list[Path]:
        """The paths, or all with a number behind them where another input, picture or table took one.

        Beside inputs nothing that is there already is taken.
        """
        free, number = list(paths), 1
        while not all(map(self._is_free, free)):
            number += 1
            free = [path.with_name(f"{path.stem}-{number}{path.suffix}") for path in paths]
        self._taken |= {_key(path) for path in free}
        return free

    def _is_free(self, path: Path) -> bool:
        beside_inputs = _folder(path) in self._folders_of_inputs  # where tables and numbered files may be recordings
        return not (_key(path) in self._taken or path in self._originals or (beside_inputs and path.exists()))


class Outputs:
    """Writes one source's frames and results into files and to live outputs; files are made with the first frame.

    Where there are live outputs, a video file runs no faster than it should be seen. Files go on without a live output
    that is gone; `lost` tells of it.

    Args:
        source: Where the frames come from.
        files: From OutputNames.
        senders: Live outputs; those that are gone are taken out of the list, so that the next source goes on without.
        style: What is drawn; its threshold goes for joint angles too.
        networks: What found the keypoints.
    """

    def __init__(
        self,
        source: Source,
        files: OutputFiles,
        senders: list[Sender],
        style: DrawingStyle,
        networks: Networks,
    ) -> None:
        self._source = source
        self._files = files
        self._senders = senders
        self.lost: list[OutputError] = []
        self._pace = Pace() if source.continuous and not source.is_live else None
        self._style = style
        self._networks = networks
        self._image_path: Path | None = None
        self._image_sink: ImageSink | None = None
        self._keypoint_sink: KeypointSink | None = None
        self._angle_sink: AnglesCsvSink | None = None
        self._header: KeypointsHeader | None = None
        self._open = ExitStack()
        self._begun: list[Path] = []

    @property
    def written(self) -> list[Path]:
        """The files there are by now."""
        return [path for path in self._begun if path.exists()]

    def check(self) -> None:
        """See that every file can be written, before one of them takes the place of what is there.

        Raises:
            SinkError: One cannot.
        """
        for path in self._files.all():
            check_writable(path)

    def write(self, frame: Frame, result: FrameResult) -> None:
        """Add a frame and who is in it.

        Raises:
            SinkError: A file cannot be made or written; what came before is readable.
            OutputError: A live output is gone, and there are no files that could go on without it.
        """
        drawn = cache(lambda: draw_result(frame.image, result, self._networks.skeleton, self._style))
        if self._header is None:
            self._header = self._header_of(frame)
        if self._senders:
            height, width = frame.size  # pictures of a folder differ
            self._send(replace(self._header, width=width, height=height), drawn, result)
        if self._files.keypoints is not None and self._keypoint_sink is None:
            self._keypoint_sink = self._open_keypoints(self._files.keypoints, self._header)
        if self._keypoint_sink is not None:
            self._keypoint_sink.write(result)
        if self._files.angles is not None and self._angle_sink is None:
            self._angle_sink = self._open_angles(self._files.angles)
        if self._angle_sink is not None:
            self._angle_sink.write(result)
        if self._files.images:
            self._sink_of(self._files.image_of(frame), frame).write(drawn(), frame.time_s)

    def hurry(self) -> None:
        """Send what is still to come as it comes: whoever watched has seen enough. From any thread."""
        if self._pace is not None:
            self._pace.end()

    def _send(self, header: KeypointsHeader, drawn: Callable[[], UInt8Array], result: FrameResult) -> None:
        if self._pace is not None:
            self._pace.wait_for(result.time_s)
        for sender in tuple(self._senders):
            try:
                sender.check()
            except OutputError as error:
                if not self._files.all():
                    raise
                self._senders.remove(sender)
                self.lost.append(error)
                continue
            sender.offer(header, drawn, result)

    def _sink_of(self, path: Path, frame: Frame) -> ImageSink:
        if self._image_sink is None or path != self._image_path:
            if self._image_sink is not None:
                self._image_sink.close()
            source = self._source
            sink = open_image_sink(
                path,
                frame.size,
                fps_hint=source.fps,
                audio_from=source.location if isinstance(source, VideoFileSource) else None,
                audio_start_s=source.start_s if isinstance(source, VideoFileSource) else 0.0,
            )
            self._image_sink, self._image_path = self._open.enter_context(sink), path
            self._begun.append(path)
        return self._image_sink

    def _header_of(self, first: Frame) -> KeypointsHeader:
        networks = self._networks
        return KeypointsHeader(
            source=self._source.name,
            width=first.size[1],
            height=first.size[0],
            fps=self._source.fps,
            model=networks.model,
            detector=networks.detector,
            keypoint_names=networks.skeleton.keypoint_names,
            skeleton=networks.skeleton.links,
        )

    def _open_keypoints(self, path: Path, header: KeypointsHeader) -> KeypointSink:
        sink = self._open.enter_context(open_keypoint_sink(path, header, image_ids=_image_ids(self._source)))
        self._begun.append(path)
        return sink

    def _open_angles(self, path: Path) -> AnglesCsvSink:
        sink = AnglesCsvSink(path, self._networks.skeleton, self._style.keypoint_threshold)
        self._open.enter_context(sink)
        self._begun.append(path)
        return sink

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with without_interruption():
            self._open.__exit__(kind, error, trace)


def _stem_of(source: Source) -> str:
    """What to call the files made from a source: its name without suffix and without what file names cannot hold."""
    name = source.name if source.is_live or isinstance(source, PictureFolderSource) else Path(source.name).stem
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "-", name).strip(" .-") or "result"


def _image_ids(source: Source) -> list[int] | None:
    """COCO image ids of pictures that are called by them, as COCO's own are, and each by another."""
    if isinstance(source, PictureFolderSource):
        stems = [path.stem for path in source.paths]
    elif isinstance(source, PictureSource):
        stems = [Path(source.name).stem]
    else:
        return None
    ids = [int(stem) for stem in stems if re.fullmatch(r"\d{1,18}", stem)]
    return ids if len(set(ids)) == len(stems) else None


def _key(path: Path) -> str:
    """What two names of one file have in common: those that differ in case alone are one on many systems."""
    return str(path.resolve()).casefold()


def _folder(path: Path) -> Path:
    """The folder that a file lies in, by whatever name it was given."""
    return path.parent.resolve()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir() or not (path.suffix or path.exists())
    except OSError:  # a name that no file can have: told where it is to be written
        return not path.suffix


def _picture_suffix(path: Path) -> str:
    return path.suffix.lower() if path.suffix.lower() in PICTURE_SUFFIXES else _USUAL_PICTURE
