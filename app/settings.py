"""Typed settings: built-in defaults, then the user's YAML file, then the command line."""

from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from app.address import Address
from model.errors import ConfigError

APP_NAME = "lite-hrnet-live"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def _checked_address(text: str) -> str:
    Address.parse(text)
    return text


AddressText = Annotated[str, AfterValidator(_checked_address)]


class PoseSettings(_Section):
    """The network that finds keypoints in a person's crop."""

    model: str = Field(default="default", title="Model", description="Weight set, or fast, balanced, accurate")
    engine: str = Field(default="auto", title="Engine", description="What runs the network")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", title="Device", description="Where it runs")
    keypoint_threshold: float = Field(
        0.3, ge=0.0, le=1.0, title="Keypoint threshold", description="Keypoints scored lower are not drawn"
    )


class DetectionSettings(_Section):
    """The detector that finds people in a frame."""

    detector: str = Field(default="default", title="Detector", description="What finds people")
    person_threshold: float | None = Field(
        None,
        ge=0.0,
        le=1.0,
        title="Person threshold",
        description="Boxes scored lower are ignored; unset: the detector's own",
    )
    every_n: int = Field(
        5, ge=1, le=300, title="Detect every N frames", description="Between runs, boxes come from the last keypoints"
    )
    max_persons: int = Field(10, ge=1, le=100, title="Maximum persons", description="The best-scored are kept")


class SmoothingSettings(_Section):
    """One Euro filter on every keypoint."""

    enabled: bool = Field(True, title="Smoothing", description="Calm keypoints that tremble")
    min_cutoff_hz: float = Field(
        1.0, gt=0.0, le=30.0, title="Cutoff at rest (Hz)", description="Lower is calmer and slower"
    )
    beta: float = Field(
        20.0,
        ge=0.0,
        le=100.0,
        title="Response to speed",
        description="Higher follows fast motion more closely",
    )


JointName = Literal[
    "none", "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle", "pelvis", "thorax", "upper_neck", "head_top",
]  # fmt: skip


class DrawingSettings(_Section):
    """What the window draws over the picture."""

    skeleton: bool = Field(True, title="Skeleton", description="Limbs between the joints")
    joints: bool = Field(True, title="Joints", description="A dot at every joint")
    boxes: bool = Field(False, title="Boxes", description="A frame around every person")
    ids: bool = Field(False, title="Numbers", description="The lasting number of every person")
    scores: bool = Field(False, title="Scores", description="How sure the networks are of every person")
    angles: bool = Field(False, title="Joint angles", description="Degrees at elbows, shoulders, hips and knees")
    dim_background: bool = Field(False, title="Dim the picture", description="Skeletons stand out on a darker picture")
    heatmap: JointName = Field("none", title="Heatmap", description="Where the network looks for one joint")
    line_width: float = Field(1.0, ge=0.5, le=3.0, title="Line width", description="Factor on the usual width")


class CameraSettings(_Section):
    """What the window asks of a camera; what it gets is the camera's choice."""

    lines: Literal["default", "480p", "720p", "1080p"] = Field(
        "default", title="Resolution", description="Asked of the camera; it gives the nearest that it has"
    )
    fps: Literal["default", "15", "30", "60"] = Field(
        "default", title="Frame rate", description="Asked of the camera, in frames per second"
    )


class WindowSettings(_Section):
    """The window itself, and what it records."""

    mirror_cameras: bool = Field(
        True, title="Mirror cameras", description="On the screen only: what is recorded is not mirrored"
    )
    theme: Literal["system", "light", "dark"] = Field(
        "system", title="Theme", description="Light, dark, or as the system is"
    )
    language: Literal["system", "en", "ko"] = Field(
        "system", title="Language", description="Of menus, labels and tool tips"
    )
    folder: Path | None = Field(
        None, title="Folder", description="Where recordings and snapshots go; unset: your videos folder"
    )
    record_video: bool = Field(True, title="Record video", description="The picture with skeletons, as H.264")
    record_keypoints: Literal["none", "jsonl", "csv"] = Field(
        "jsonl", title="Record keypoints", description="A file of joints beside the video"
    )
    record_angles: bool = Field(False, title="Record joint angles", description="A table of degrees beside the video")

    @field_validator("folder")
    @classmethod
    def _from_home(cls, folder: Path | None) -> Path | None:
        try:
            return None if folder is None else folder.expanduser()
        except RuntimeError as error:
            raise ValueError("its ~ stands for no folder here") from error


class OutputSettings(_Section):
    """What the window sends to other programs. The command line goes by its options alone."""

    osc: bool = Field(False, title="OSC", description="Joints as OSC bundles over UDP")
    osc_address: AddressText = Field(
        "127.0.0.1:9000", title="OSC receiver", description="HOST:PORT of the program that listens"
    )
    websocket: bool = Field(False, title="WebSocket", description="Joints as JSON for whoever connects")
    websocket_address: AddressText = Field(
        "127.0.0.1:8765", title="WebSocket address", description="HOST:PORT; 127.0.0.1 serves this machine alone"
    )
    virtual_camera: bool = Field(
        False, title="Virtual camera", description="The picture with skeletons, for meetings and OBS"
    )


class Settings(_Section):
    """Everything a user can set."""

    pose: PoseSettings = PoseSettings()
    detection: DetectionSettings = DetectionSettings()
    smoothing: SmoothingSettings = SmoothingSettings()
    drawing: DrawingSettings = DrawingSettings()
    camera: CameraSettings = CameraSettings()
    window: WindowSettings = WindowSettings()
    outputs: OutputSettings = OutputSettings()


def user_settings_path() -> Path:
    """Where the user's own settings live; the file need not exist."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False)) / "settings.yaml"


def load_settings(path: Path | None = None, overrides: dict[str, dict[str, Any]] | None = None) -> Settings:
    """Settings from the user's file with the command line's values on top.

    Args:
        path: The YAML file; None for the user's own. An absent file counts as empty.
        overrides: Values by section and key; None values are left out.

    Raises:
        ConfigError: Unreadable YAML, an unknown key or a value out of range; the message names file and key.
    """
    path = user_settings_path() if path is None else path
    try:
        stored = yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}
    except (OSError, ValueError, yaml.YAMLError) as error:  # ValueError also of what looks like a date and is none
        reason = str(error).splitlines()[0]
        raise ConfigError(f"cannot read the settings {path}: {reason}; correct the file or delete it") from error
    if not isinstance(stored, dict):
        raise ConfigError(
            f"cannot read the settings {path}: expected sections with keys; correct the file or delete it"
        )
    merged = dict(stored)
    for section, values in (overrides or {}).items():
        below = merged.get(section) or {}
        if isinstance(below, dict):
            merged[section] = below | {key: value for key, value in values.items() if value is not None}
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"setting {key}: {first['msg']}; correct it on the command line or in {path}") from error


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write settings as YAML, whole or not at all. A file that cannot be used is kept beside them as .bad.yaml.

    Raises:
        ConfigError: The file cannot be written.
    """
    path = user_settings_path() if path is None else path
    text = yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        if not _can_be_used(path):  # somebody wrote it by hand, and one letter may be all that is wrong
            path.replace(_free(path.with_suffix(".bad.yaml")))
        partial.replace(path)
    except OSError as error:
        raise ConfigError(
            f"cannot write the settings {path}: {error.strerror}; check the folder's permissions"
        ) from error


def _free(path: Path) -> Path:
    """The path, or one with a number where there is something already."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _can_be_used(path: Path) -> bool:
    try:
        load_settings(path)
    except ConfigError:
        return False
    return True
