"""A tool button whose text gives way where the window is narrow."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QStyle, QStyleOptionToolButton, QStylePainter, QToolButton, QWidget

from app.gui.texts import literal

_WIDEST, _NARROWEST = 11, 3  # of longer texts, in letters m


class ElidedToolButton(QToolButton):
    """Shows a long name shortened in its middle: a little where there is room, more where there is not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._name = ""

    def setText(self, text: str | None) -> None:
        """Show a name letter for letter: "&" in it makes no key."""
        self._name = text or ""
        super().setText(literal(self._name))

    def sizeHint(self) -> QSize:
        return self._size_for(_WIDEST)

    def minimumSizeHint(self) -> QSize:
        return self._size_for(_NARROWEST)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        room = self.width() - super().sizeHint().width() + self._text_width() + 1  # widths are rounded
        option.text = literal(self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, room))
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)

    def _size_for(self, letters: int) -> QSize:
        spare = max(self._text_width() - self.fontMetrics().horizontalAdvance("m" * letters), 0)
        return super().sizeHint() - QSize(spare, 0)

    def _text_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(self._name)
