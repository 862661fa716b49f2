"""Text to read and copy that breaks wherever it must, such as within a long file name."""

import math

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QTextLayout, QTextOption
from PyQt6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

_NARROWEST = 120
_SPARE = 1  # else Qt scrolls a line that ends at the last row of pixels


class WrappedText(QPlainTextEdit):
    """As high as its lines are; from a number of them on it scrolls. A QLabel breaks between words alone.

    Args:
        role: As in theme.qss.
        most_lines: How many are shown at once; None for all.
        parent: As of QWidget.
    """

    def __init__(self, role: str = "", most_lines: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most_lines = most_lines
        self.setProperty("role", role)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        document = self.document()
        if document is not None:
            document.setDocumentMargin(0)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if most_lines is None:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # nothing to do in it by keys, so that Tab passes it by
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def text(self) -> str:
        return self.toPlainText()

    def setText(self, text: str) -> None:
        """Show another text; the same one keeps its place and what is selected of it."""
        if text != self.text():
            self.setPlainText(text)
            self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        edges = 2 * self.frameWidth()
        return math.ceil(self._text_height(width - edges)) + edges + _SPARE

    def sizeHint(self) -> QSize:
        return QSize(2 * _NARROWEST, self.heightForWidth(2 * _NARROWEST))

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, self.fontMetrics().height() + 2 * self.frameWidth())

    def _text_height(self, width: float) -> float:
        height, lines = 0.0, 0
        option = QTextOption()
        option.setWrapMode(self.wordWrapMode())
        for paragraph in self.text().split("\n"):
            layout = QTextLayout(paragraph, self.font())
            layout.setTextOption(option)
            layout.beginLayout()
            while (line := layout.createLine()).isValid() and lines != self._most_lines:
                line.setLineWidth(width)
                height += line.height()
                lines += 1
            layout.endLayout()
            if lines == self._most_lines:
                break
        return height
