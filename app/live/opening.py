"""From what the user named to an opened source."""

from pathlib import Path

from app.errors import SourceError
from app.sources import Source, open_source
from app.sources.camera_list import list_cameras

DEMO_CLIP = Path(__file__).resolve().parents[2] / "assets" / "demo.mp4"
ANY_CAMERA = "any camera"


def open_named(spec: str) -> tuple[str, Source]:
    """Open a source for watching: a lost camera is waited for without end.

    Args:
        spec: As of app.sources.open_source; or ANY_CAMERA for the first camera that works, and where none does the
            demo clip.

    Returns:
        What was opened, as open_source takes it, and the source.

    Raises:
        SourceError: There is nothing there that yields a frame.
    """
    if spec != ANY_CAMERA:
        return spec, open_source(spec, give_up_s=None)
    for camera in list_cameras():
        try:
            return str(camera.index), open_source(str(camera.index), give_up_s=None)
        except SourceError:  # in use or broken: the next one may work
            continue
    return str(DEMO_CLIP), open_source(DEMO_CLIP)
