"""Using controls as a user does."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget

from app.gui.picture import PictureView


def find_button(parent: QWidget, text: str) -> QAbstractButton:
    """The visible button with this text."""
    return next(
        button for button in parent.findChildren(QAbstractButton) if button.text() == text and not button.isHidden()
    )


def choose(box: QComboBox, value: object) -> None:
    """Choose a value as the user does."""
    index = box.findData(value)
    assert index >= 0
    box.setCurrentIndex(index)
    box.activated.emit(index)


def click(qtbot, picture: PictureView, place: tuple[float, float]) -> None:
    """Click on a point of the frame that a picture view shows."""
    x, y = picture.viewport.to_view(*place)
    qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPointF(x, y).toPoint())


def turn_wheel(widget: QWidget, notches: int) -> None:
    """Turn the mouse wheel over the middle of a widget; forwards is positive."""
    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre,
        widget.mapToGlobal(centre),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def drop(view: QWidget, specs: Sequence[Path | str]) -> None:
    """Drag files and links on a widget and let them go there."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(spec)) if isinstance(spec, Path) else QUrl(spec) for spec in specs])
    of = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(5, 5), *of)
    QApplication.sendEvent(view, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(view, QDropEvent(QPointF(5, 5), *of))
