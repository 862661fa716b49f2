"""The picture with messages over it."""

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.gui.banner import Banner
from app.gui.picture import PictureView

_MARGIN = 16
_WIDEST = 720


class Stage(QWidget):
    """Lays the banner over the picture's upper edge, as high as its text needs."""

    def __init__(self, picture: PictureView, banner: Banner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(picture)
        self._banner = banner
        banner.setParent(self)
        self.setTabOrder(picture, banner.close_button)
        banner.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        width = min(self.width() - 2 * _MARGIN, _WIDEST)
        layout = self._banner.layout()
        if width <= 0 or layout is None:
            return
        height = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
        self._banner.setGeometry((self.width() - width) // 2, _MARGIN, width, height)
        self._banner.raise_()
