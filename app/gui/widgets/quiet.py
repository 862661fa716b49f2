"""Controls in a panel that scrolls: the mouse wheel is the panel's."""

from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QComboBox, QSlider


class QuietSlider(QSlider):
    """A slider that the wheel does not move."""

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()


class QuietComboBox(QComboBox):
    """A choice that the wheel does not change."""

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()
