"""Controls in a panel that scrolls: the mouse wheel is the panel's."""

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QSpinBox, QWidget

if TYPE_CHECKING:
    _Control = QWidget
else:
    _Control = object  # PyQt lets a class inherit from one of Qt's alone


class _Quiet(_Control):
    """Leaves the wheel to what is behind, which neither changes the value nor takes the focus."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()


class QuietSlider(_Quiet, QSlider):
    """A slider that the wheel does not move."""


class QuietComboBox(_Quiet, QComboBox):
    """A choice that the wheel does not change."""


class QuietSpinBox(_Quiet, QSpinBox):
    """A whole number that the wheel does not change."""


class QuietDoubleSpinBox(_Quiet, QDoubleSpinBox):
    """A number that the wheel does not change."""
