"""One picture with its people: as a PNG file or for the clipboard, drawn beside everything else."""

import threading
from datetime import datetime
from pathlib import Path

from app.drawing import DrawingStyle, draw_result
from app.live.news import Failure, LivePicture, PictureDrawn, SnapshotSaved, Tell
from app.live.recorder import recording_stem
from app.settings import Settings
from app.sinks import open_image_sink
from model.arrays import UInt8Array


def save_snapshot(picture: LivePicture, settings: Settings, folder: Path, tell: Tell) -> threading.Thread:
    """Write a picture as PNG, named by the time; SnapshotSaved follows. The file is whole once the thread has ended."""

    def save() -> None:
        path = folder / f"{recording_stem(datetime.now())}.png"
        failure = None
        try:
            with open_image_sink(path, picture.frame.size) as sink:
                sink.write(_drawn(picture, settings), picture.frame.time_s)
        except Exception as error:  # told; the window goes on
            failure = Failure.of(error)
        tell(SnapshotSaved(path, failure))

    writer = threading.Thread(target=save, name="snapshot", daemon=True)
    writer.start()
    return writer


def draw_picture(picture: LivePicture, settings: Settings, tell: Tell) -> None:
    """Draw a picture; PictureDrawn follows."""
    threading.Thread(target=lambda: tell(PictureDrawn(_drawn(picture, settings))), name="drawing", daemon=True).start()


def _drawn(picture: LivePicture, settings: Settings) -> UInt8Array:
    if picture.result is None or picture.skeleton is None:
        return picture.frame.image
    return draw_result(picture.frame.image, picture.result, picture.skeleton, DrawingStyle.from_settings(settings))
