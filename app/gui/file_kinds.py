"""Which files a dialog offers."""

from app.gui.texts import tr
from app.sources import PICTURE_SUFFIXES, VIDEO_SUFFIXES


def media_filter() -> str:
    """Videos and pictures, or all files, as QFileDialog takes it."""
    patterns = " ".join(f"*{suffix}" for suffix in sorted(VIDEO_SUFFIXES | PICTURE_SUFFIXES))
    return f"{tr('Videos and pictures')} ({patterns});;{tr('All files')} (*)"
