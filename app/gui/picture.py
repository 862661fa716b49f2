"""The picture: as large as it fits, sharp on every screen, with the people drawn over it at the screen's resolution."""

from dataclasses import replace

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextOption,
    QWheelEvent,
)
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from app.drawing import DrawingStyle
from app.gui.banner import PASSING_MS
from app.gui.picking import person_at
from app.gui.rendering import render
from app.gui.texts import tr
from app.gui.theme import theme
from app.gui.viewport import Viewport
from app.live.news import LivePicture
from app.results import Person

_WHEEL_STEP = 120  # eighths of a degree that make one notch of a common mouse wheel
_ZOOM_PER_NOTCH = 1.2
_IDLE_MS = 2000
_HINT_MARGIN, _HINT_PADDING, _DOT = 14, 12, 10
_RING = 3  # pixels, around the picture where it has the focus


class PictureView(QWidget):
    """Shows one live picture at a time.

    Attributes:
        drawn: Emitted with a picture once it has been painted for the first time.
        full_screen_wanted: Emitted on a double click.
        person_chosen: Emitted with the track id of a person who was clicked; with None for a click beside everybody.
        zoom_changed: Emitted with the zoom factor.
    """

    drawn = pyqtSignal(object)
    full_screen_wanted = pyqtSignal()
    person_chosen = pyqtSignal(object)
    zoom_changed = pyqtSignal(float)

    def __init__(self, style: DrawingStyle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Picture"))
        self._style = style
        self._picture: LivePicture | None = None
        self._told: LivePicture | None = None
        self._message = ""
        self._hint = ""
        self._passing = ""
        self._sign = ""
        self._ringed = False
        self._viewport = Viewport()
        self._rendered: tuple[object, tuple[QImage, tuple[float, float]]] | None = None
        self._pressed_at: QPointF | None = None
        self._grip: QPointF | None = None
        self._chosen: int | None = None
        self._chosen_before: int | None = None
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(lambda: self.setCursor(Qt.CursorShape.BlankCursor))
        self._passes = QTimer(self)
        self._passes.setSingleShot(True)
        self._passes.setInterval(PASSING_MS)
        self._passes.timeout.connect(self._let_pass)

    def sizeHint(self) -> QSize:
        return QSize(960, 600)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 240)

    @property
    def viewport(self) -> Viewport:
        return self._viewport

    def show_picture(self, picture: LivePicture) -> None:
        height, width = picture.frame.size
        if self._viewport.picture != (width, height):
            self._viewport = replace(self._viewport, picture=(width, height), zoom=1.0, centre=(0.5, 0.5))
            self.zoom_changed.emit(1.0)
        self._picture = picture
        self.update()

    def show_message(self, message: str) -> None:
        """Show a sentence and no picture."""
        self._picture, self._message, self._rendered = None, message, None
        self.setAccessibleDescription(message)
        self.update()

    def show_hint(self, hint: str) -> None:
        """Show a few words in the picture's corner, until others or none follow."""
        if hint != self._hint:
            self._hint = hint
            self.update()

    def show_passing(self, text: str) -> None:
        """Show a few words in the same corner for a while."""
        self._passing = text
        self._passes.start()
        self.update()

    def _let_pass(self) -> None:
        self._passing = ""
        self.update()

    def show_sign(self, text: str) -> None:
        """Show in the picture's corner that it is recorded; an empty text takes the sign away."""
        if text != self._sign:
            self._sign = text
            self.update()

    def set_style(self, style: DrawingStyle) -> None:
        """Draw people in another style from now on."""
        self._style = style
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        self._viewport = replace(self._viewport, mirrored=mirrored)
        self.update()

    def set_chosen(self, track_id: int | None) -> None:
        """Mark a person; None marks nobody."""
        self._chosen = track_id
        self.update()

    def hide_idle_cursor(self, hide: bool) -> None:
        """Let the cursor vanish where it rests, as on a stage."""
        self.setMouseTracking(hide)
        self._idle.stop()
        self._show_cursor()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a point of the view; None for its middle."""
        point = QPointF(self.rect().center()) if at is None else at
        self._move(self._viewport.zoomed(factor, point.x(), point.y()))

    def zoom_to_fit(self) -> None:
        self._move(replace(self._viewport, zoom=1.0, centre=(0.5, 0.5)))

    def _move(self, viewport: Viewport) -> None:
        changed = viewport.zoom != self._viewport.zoom
        self._viewport = viewport
        if changed:
            self.zoom_changed.emit(viewport.zoom)
        self._show_cursor()
        self.update()

    def _show_cursor(self) -> None:
        if self.hasMouseTracking():
            self._idle.start()
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._viewport.zoom > 1 else Qt.CursorShape.ArrowCursor)

    # Painting.

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._viewport = replace(self._viewport, view=(max(self.width(), 1), max(self.height(), 1))).panned(0, 0)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme().colours.canvas))
        picture = self._picture
        if picture is None:
            painter.setPen(QColor("#aab4c2"))
            area = self.rect().adjusted(24, 24, -24, -24)
            option = QTextOption(Qt.AlignmentFlag.AlignCenter)
            option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # names may have no spaces
            painter.drawText(QRectF(area), self._message, option)
            self._paint_ring(painter)
            painter.end()
            return
        self._paint_picture(painter, picture)
        hint = self._passing or self._hint
        if hint:
            self._paint_words(painter, hint)
        if self._sign:
            self._paint_words(painter, self._sign, dot=True)
        self._paint_ring(painter)
        painter.end()
        if picture is not self._told:
            self._told = picture
            self.drawn.emit(picture)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Be ringed where the keyboard led here; a click or the window's opening says nothing of the next key."""
        keys = Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason
        self._ringed = event is not None and event.reason() in keys
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self._ringed = False
        super().focusOutEvent(event)

    def _paint_ring(self, painter: QPainter) -> None:
        if self._ringed:
            painter.setPen(QPen(QColor(theme().colours.accent), 2 * _RING))
            painter.drawRect(self.rect())

    def _paint_picture(self, painter: QPainter, picture: LivePicture) -> None:
        ratio = self.devicePixelRatioF()
        key = picture, self._viewport, self._style, ratio
        if self._rendered is None or self._rendered[0] != key:
            self._rendered = key, render(picture, self._viewport, self._style, ratio)
        image, (x, y) = self._rendered[1]
        painter.drawImage(QPointF(x, y), image)
        if picture.result is not None and self._chosen is not None:
            person = next((p for p in picture.result.persons if p.track_id == self._chosen), None)
            if person is not None:
                self._mark(painter, person)

    def _paint_words(self, painter: QPainter, text: str, dot: bool = False) -> None:
        """A few words in the lower left corner; with a red dot before them in the right one."""
        room = self.width() - 2 * (_HINT_MARGIN + _HINT_PADDING)
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room)
        words = painter.fontMetrics().boundingRect(text)
        indent = _DOT + _HINT_PADDING // 2 if dot else 0
        ground = QRectF(_HINT_MARGIN, 0, words.width() + indent + 2 * _HINT_PADDING, words.height() + _HINT_PADDING)
        ground.moveBottom(self.height() - _HINT_MARGIN)
        if dot:
            ground.moveRight(self.width() - _HINT_MARGIN)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(ground, ground.height() / 2, ground.height() / 2)
        if dot:
            painter.setBrush(QColor(theme().colours.danger))
            painter.drawEllipse(
                QPointF(ground.left() + _HINT_PADDING + _DOT / 2, ground.center().y()), _DOT / 2, _DOT / 2
            )
        painter.setPen(QColor("#ffffff"))
        painter.drawText(ground.adjusted(indent, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, text)

    def _mark(self, painter: QPainter, person: Person) -> None:
        """Frame a person; the picture alone is marked, not what is recorded of it."""
        x1, y1 = self._viewport.to_view(float(person.box[0]), float(person.box[1]))
        x2, y2 = self._viewport.to_view(float(person.box[2]), float(person.box[3]))
        frame = QRectF(QPointF(x1, y1), QPointF(x2, y2)).normalized()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 150), 5.0), (QColor(theme().colours.accent), 2.5)):
            painter.setPen(QPen(colour, width))
            painter.drawRoundedRect(frame, 8, 8)

    # Mouse and drops.

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None and self._picture is not None:
            self.zoom_by(_ZOOM_PER_NOTCH ** (event.angleDelta().y() / _WHEEL_STEP), event.position())
            event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed_at, self._chosen_before = event.position(), self._chosen
        if self._viewport.zoom > 1:
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if self.hasMouseTracking():
            self._idle.start()
            if self._grip is None:
                self._show_cursor()
        if event is not None and self._grip is not None:
            moved = event.position() - self._grip
            self._grip = event.position()
            self._viewport = self._viewport.panned(moved.x(), moved.y())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._grip = None
        self._show_cursor()
        pressed_at, self._pressed_at = self._pressed_at, None
        if event is None or pressed_at is None or event.button() != Qt.MouseButton.LeftButton:
            return
        moved = event.position() - pressed_at
        if moved.manhattanLength() < QApplication.startDragDistance():
            self._choose_at(event.position())

    def _choose_at(self, place: QPointF) -> None:
        picture = self._picture
        if picture is not None and picture.result is not None and picture.skeleton is not None:
            x, y = self._viewport.to_picture(place.x(), place.y())
            self.person_chosen.emit(person_at(picture.result, picture.skeleton, x, y))

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        # Its first click was no choice of a person.
        self.person_chosen.emit(self._chosen_before)
        self.full_screen_wanted.emit()
