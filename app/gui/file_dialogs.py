"""Asking the user for files, folders and addresses; each gives an empty answer where the user gives none."""

from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QInputDialog, QWidget

from app.gui.texts import tr
from app.sources import PICTURE_SUFFIXES, VIDEO_SUFFIXES


def ask_file(parent: QWidget) -> str:
    """A video or a picture."""
    return QFileDialog.getOpenFileName(parent, tr("Open video or picture"), "", _media_filter())[0]


def ask_files(parent: QWidget) -> list[Path]:
    """Videos and pictures."""
    paths, _ = QFileDialog.getOpenFileNames(parent, tr("Files to process"), "", _media_filter())
    return [Path(path) for path in paths]


def ask_folder(parent: QWidget) -> str:
    """A folder of pictures."""
    return QFileDialog.getExistingDirectory(parent, tr("Open folder of pictures"))


def ask_url(parent: QWidget, last: str) -> str:
    """The address of a stream; the last one is there to be mended."""
    prompt = tr("Address, such as rtsp://camera.local/stream")
    url, wanted = QInputDialog.getText(parent, tr("Open stream"), prompt, text=last)
    return url.strip() if wanted else ""


def _media_filter() -> str:
    patterns = " ".join(f"*{suffix}" for suffix in sorted(VIDEO_SUFFIXES | PICTURE_SUFFIXES))
    return f"{tr('Videos and pictures')} ({patterns});;{tr('All files')} (*)"
