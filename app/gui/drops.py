"""Files and links that the user drops on a part of the window."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QWidget


class _Drops(QObject):
    """Takes the drags that a widget and whatever lies in it do not take."""

    def __init__(self, widget: QWidget, take: Callable[[list[str]], None]) -> None:
        super().__init__(widget)
        self._take = take

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QDropEvent):  # as those are, too, that tell where the drag is
            data = event.mimeData()
            if data is not None and data.hasUrls():
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    urls = data.urls()
                    self._take([str(Path(url.toLocalFile())) if url.isLocalFile() else url.toString() for url in urls])
                return True
        return super().eventFilter(watched, event)


def accept_drops(widget: QWidget, take: Callable[[list[str]], None]) -> None:
    """Let files and links be dropped on a widget and all that lies in it.

    Args:
        widget: Where they are dropped.
        take: Called with paths and addresses.
    """
    widget.setAcceptDrops(True)
    widget.installEventFilter(_Drops(widget, take))
