"""From what the user named to an opened source."""

from pathlib import Path

from app.errors import SourceError
from app.live.reader import Opened
from app.settings import CameraSettings
from app.sources import open_source
from app.sources.camera_list import list_cameras
from app.sources.devices import CaptureMode

DEMO_CLIP = Path(__file__).resolve().parents[2] / "assets" / "demo.mp4"
ANY_CAMERA = "any camera"


_LINES = {"480p": (480, 640), "720p": (720, 1280), "1080p": (1080, 1920)}
_LINUX_CAMERA = "/dev/video"
_USUAL_LINES, _USUAL_FPS = "720p", 30.0


def asked_mode(camera: CameraSettings) -> CaptureMode | None:
    """The mode to ask of a camera; None for its own default."""
    if camera.lines == camera.fps == "default":
        return None
    height, width = _LINES[_USUAL_LINES if camera.lines == "default" else camera.lines]
    return CaptureMode(height, width, _USUAL_FPS if camera.fps == "default" else float(camera.fps))


def needs_camera(spec: str) -> bool:
    """Whether a source as the user names it is a camera of this machine."""
    return spec == ANY_CAMERA or spec.isdigit() or spec.startswith(_LINUX_CAMERA)


def may_share_device(spec: str, other: str) -> bool:
    """Whether two sources as the user names them may be read from one device, which only one at a time can open."""
    if not (needs_camera(spec) and needs_camera(other)):
        return spec == other
    return ANY_CAMERA in (spec, other) or spec.removeprefix(_LINUX_CAMERA) == other.removeprefix(_LINUX_CAMERA)


def open_named(spec: str, camera: CameraSettings) -> Opened:
    """Open a source for watching: a lost camera is waited for without end.

    Args:
        spec: As of app.sources.open_source; or ANY_CAMERA for the first camera that works, and where none does the
            demo clip.
        camera: What to ask of a camera.

    Raises:
        SourceError: There is nothing there that yields a frame.
    """
    if spec != ANY_CAMERA:
        return Opened(spec, open_source(spec, mode=asked_mode(camera), give_up_s=None))
    refused = None
    for found in list_cameras():
        try:
            return Opened(str(found.index), open_source(str(found.index), mode=asked_mode(camera), give_up_s=None))
        except SourceError as error:  # in use, not allowed or broken: the next one may work
            refused = refused or error
    return Opened(str(DEMO_CLIP), open_source(DEMO_CLIP), refused)
