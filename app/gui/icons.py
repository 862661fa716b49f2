"""Icons drawn from our own SVG files in the colours of the theme, sharp at every size."""

from PyQt6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from app.gui.assets import ASSETS
from app.gui.theme import theme


class _ThemedIcon(QIconEngine):
    """Paints an SVG whose strokes are `currentColor` in the theme's colour of the moment."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name = name
        self._colour = colour
        self._svg = (ASSETS / "icons" / f"{name}.svg").read_text(encoding="utf-8")

    def clone(self) -> "_ThemedIcon":
        return _ThemedIcon(self._name, self._colour)

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        if painter is None:
            return
        colours = theme().colours
        colour = getattr(colours, self._colour)
        if mode == QIcon.Mode.Disabled:
            colour = colours.muted
            painter.setOpacity(0.45)
        elif state == QIcon.State.On and self._colour == "text":
            colour = colours.accent
        renderer = QSvgRenderer(QByteArray(self._svg.replace("currentColor", colour).encode()))
        renderer.render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        if size.isEmpty():
            return QPixmap()
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap


def icon(name: str, colour: str = "text") -> QIcon:
    """The icon assets/icons/NAME.svg.

    Args:
        name: File name without its ending.
        colour: A field of theme.Colours.
    """
    return QIcon(_ThemedIcon(name, colour))
