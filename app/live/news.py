"""What the live threads tell the window."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from app.address import without_passwords
from app.results import Frame, FrameResult
from app.settings import Settings
from model.arrays import UInt8Array
from model.errors import UserError
from model.skeletons import Skeleton
from model.zoo import WeightSet

SourceKind = Literal["camera", "stream", "video", "picture", "pictures"]


@dataclass(frozen=True)
class Failure:
    """Something that went wrong.

    Attributes:
        sentence: What happened, to what, and what to do.
        details: Where it happened, for whoever looks into it.
    """

    sentence: str
    details: str

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        trace = without_passwords("".join(traceback.format_exception(error)))
        if isinstance(error, UserError):
            return cls(str(error), trace)
        what = without_passwords(str(error)) or type(error).__name__
        return cls(f"An unexpected error occurred: {what}", trace)


@dataclass(frozen=True)
class SourceOpening:
    """A source is being opened."""

    spec: str


@dataclass(frozen=True)
class SourceOpened:
    """Frames come from here from now on.

    Attributes:
        spec: As the user named it.
        name: What to call it.
        kind: What it is.
        size: (height, width) in pixels.
        fps: Nominal frames per second, where known.
        duration_s: Length of a file, where known.
        refused: Why a camera that was sought did not open, where this stands in for it.
    """

    spec: str
    name: str
    kind: SourceKind
    size: tuple[int, int]
    fps: float | None
    duration_s: float | None
    refused: Failure | None = None

    @property
    def is_live(self) -> bool:
        return self.kind in ("camera", "stream")

    @property
    def has_course(self) -> bool:
        """Whether it can be played, stepped and sought in."""
        return self.kind in ("video", "pictures")


@dataclass(frozen=True)
class SourceLost:
    """A live source gives no frames and is waited for."""

    name: str


@dataclass(frozen=True)
class SourceDark:
    """A camera has given nothing but black for a while, as behind a cover."""

    name: str


@dataclass(frozen=True)
class SourceBack:
    """A source that was lost or dark gives pictures again."""

    name: str


@dataclass(frozen=True)
class PictureLeftOut:
    """A picture of a folder cannot be read; the others are shown."""

    reason: str


@dataclass(frozen=True)
class SourceFailed:
    """A source could not be opened, or broke off."""

    spec: str
    failure: Failure


@dataclass(frozen=True)
class EngineInfo:
    """What really runs.

    Attributes:
        model: Name of the weight set.
        engine: What runs the pose network.
        device: Where it runs, in words.
        detector: Name of the person detector.
        detector_engine: What runs the detector, and where.
        skeleton: What the keypoints mean.
    """

    model: str
    engine: str
    device: str
    detector: str
    detector_engine: str
    skeleton: Skeleton


@dataclass(frozen=True)
class ModelLoading:
    """Networks are being loaded; those that ran before go on meanwhile."""

    model: str
    detector: str


@dataclass(frozen=True)
class ModelReady:
    """Newly loaded networks have taken over."""

    info: EngineInfo


@dataclass(frozen=True)
class ModelFailed:
    """Networks could not be loaded, or fell over at work; those that ran before go on.

    Attributes:
        failure: What went wrong.
        wanted: Settings that name the networks.
    """

    failure: Failure
    wanted: Settings


@dataclass(frozen=True)
class WeightsMissing:
    """Networks cannot be loaded before these weights are here."""

    weight_sets: tuple[WeightSet, ...]


@dataclass(frozen=True)
class DownloadProgress:
    """Bytes of all files that are being fetched: here, and in all where known."""

    name: str
    done: int
    total: int | None


@dataclass(frozen=True)
class DownloadEnded:
    """A download is over: whole, broken off by the user (no failure, not complete) or failed."""

    complete: bool
    failure: Failure | None = None


@dataclass(frozen=True)
class RecordingStarted:
    """The first frame is being written."""

    path: Path


@dataclass(frozen=True)
class RecordingEnded:
    """Files are whole and closed.

    Attributes:
        paths: The files.
        failure: Why recording ended early.
        parts: How many times a set of files was begun: at the start, and where other networks took over.
    """

    paths: tuple[Path, ...]
    failure: Failure | None = None
    parts: int = 0


@dataclass(frozen=True)
class SnapshotSaved:
    """A picture was written, or could not be."""

    path: Path
    failure: Failure | None = None


@dataclass(frozen=True)
class SettingsFailed:
    """The user's settings could not be read, or not be written."""

    failure: Failure


@dataclass(frozen=True)
class Unexpected:
    """A fault of the program, caught where it would otherwise have ended it."""

    failure: Failure


@dataclass(frozen=True, eq=False)
class PictureDrawn:
    """A picture with its people, (H, W, 3) uint8 BGR, for the clipboard."""

    image: UInt8Array


@dataclass(frozen=True, eq=False)
class LivePicture:
    """What to show: a frame, and who is in it once networks run.

    Attributes:
        frame: The frame.
        captured_at: When it arrived, by time.perf_counter.
        source: Number of the opened source, rising with each.
        result: People of exactly this frame; None while networks are being loaded.
        info: What found them.
        run: Rises where a file is begun anew: in a loop, and after a seek.
        skeleton: What their keypoints mean.
        timings_ms: Milliseconds by stage.
    """

    frame: Frame
    captured_at: float
    source: int
    result: FrameResult | None = None
    info: EngineInfo | None = None
    run: int = 0

    @property
    def skeleton(self) -> Skeleton | None:
        return self.info.skeleton if self.info is not None else None

    @property
    def timings_ms(self) -> Mapping[str, float]:
        return self.result.timings_ms if self.result is not None else {}


News: TypeAlias = (
    SourceOpening
    | SourceOpened
    | PictureLeftOut
    | SourceLost
    | SourceDark
    | SourceBack
    | SourceFailed
    | ModelLoading
    | ModelReady
    | ModelFailed
    | WeightsMissing
    | DownloadProgress
    | DownloadEnded
    | RecordingStarted
    | RecordingEnded
    | SnapshotSaved
    | PictureDrawn
    | SettingsFailed
    | Unexpected
)
Tell: TypeAlias = Callable[[News], None]
