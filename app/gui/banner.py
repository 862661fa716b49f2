"""A note or an error over the picture: a plain sentence, what can be done, and the details in a fold."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.failure_texts import in_the_windows_words
from app.gui.icons import icon
from app.gui.texts import tr
from app.gui.theme import theme
from app.gui.widgets.wrapped_text import WrappedText
from app.live.news import Failure

PASSING_MS = 6000
_MOST_LINES = 7  # of details at once
_NOTE, _PASSING, _QUESTION, _ERROR, _URGENT = range(5)

Action = tuple[str, Callable[[], None]]


@dataclass(eq=False)
class _Message:
    """What is told, and how far something is, where it tells that.

    Attributes:
        rank: What is above what: a note below what passes by itself, then a question, an error, and a question that
            has just been raised by what the user did.
    """

    about: str
    rank: int
    text: str
    actions: tuple[Action, ...] = ()
    details: str = ""
    on_close: Callable[[], None] | None = None
    progress: tuple[int, int | None] | None = None


class Banner(QFrame):
    """Shows the message that matters most; when it is closed or settled, the one below it comes up again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 10)
        layout.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(10)
        self._sign = QLabel()
        self.text = WrappedText("message")
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setToolTip(tr("Close this message"))
        self.close_button.setAccessibleName(tr("Close this message"))
        self.close_button.clicked.connect(self.dismiss)
        top.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.text, 1, Qt.AlignmentFlag.AlignVCenter)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress"))
        layout.addWidget(self.progress)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        layout.addLayout(self._buttons)
        self.details = WrappedText(most_lines=_MOST_LINES)
        self.details.setAccessibleName(tr("Details"))
        layout.addWidget(self.details)
        self._messages: list[_Message] = []  # the one on top last
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.timeout.connect(self.clear)
        theme().changed.connect(self._show_sign)
        self.hide()

    def show_note(
        self,
        text: str,
        actions: tuple[Action, ...] = (),
        *,
        about: str,
        on_close: Callable[[], None] | None = None,
        passing: bool = False,
        urgent: bool = False,
    ) -> bool:
        """Show a message.

        Args:
            text: A sentence.
            actions: Text and deed of each button, the most likely first.
            about: What it is about; `clear_about` takes it away when that is settled.
            on_close: Done when the user closes the message.
            passing: Whether it goes away by itself after a while.
            urgent: Whether it lies above everything else.

        Returns:
            Whether it is told here: what passes is not, where something waits for an answer.
        """
        rank = _URGENT if urgent else _PASSING if passing else _NOTE if on_close is None else _QUESTION
        if passing and self._messages and self._messages[-1].rank > _PASSING:
            return False
        self._put(_Message(about, rank, text, actions, on_close=on_close))
        if passing:
            self._passing.start(PASSING_MS)
        return True

    def show_failure(
        self,
        failure: Failure,
        actions: tuple[Action, ...] = (),
        *,
        about: str,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        """Show what went wrong in the window's words, with the original's behind a button."""
        details = f"{failure.sentence}\n\n{failure.details}"
        self._put(_Message(about, _ERROR, in_the_windows_words(failure.sentence), actions, details, on_close))

    def show_progress(self, text: str, done: int, total: int | None, *, about: str) -> None:
        """Change the text of the message about this, and show how far it is; the buttons stay."""
        message = next((message for message in self._messages if message.about == about), None)
        if message is not None:
            message.text, message.progress = text, (done, total)
            if message is self._messages[-1]:
                self._show_words(message)

    def standing(self) -> list[str]:
        """What the messages are about that wait for the user, the one on top last."""
        return [message.about for message in self._messages if message.rank != _PASSING]

    def clear(self) -> None:
        """Take the message away that is shown."""
        if self._messages:
            self._messages.pop()
            self._show_top()

    def clear_about(self, about: str) -> None:
        """Take the message away that is about this, shown or below another."""
        shown = self._messages[-1:]
        self._messages = [message for message in self._messages if message.about != about]
        if self._messages[-1:] != shown:
            self._show_top()

    def dismiss(self) -> None:
        """Close the message as the user does."""
        if self._messages:
            deed = self._messages[-1].on_close
            self.clear()
            if deed is not None:
                deed()

    def _put(self, message: _Message) -> None:
        others = [other for other in self._messages if other.about != message.about and other.rank != _PASSING]
        above = [other for other in others if other.rank > message.rank]
        self._messages = [*(other for other in others if other.rank <= message.rank), message, *above]
        self._show_top()

    def _show_top(self) -> None:
        self._passing.stop()
        if not self._messages:
            self.hide()
            return
        message = self._messages[-1]
        failed = message.rank == _ERROR
        self.setProperty("kind", "error" if failed else "info")
        style = self.style()
        if style is not None:
            style.unpolish(self)
            style.polish(self)
        self._show_sign()
        self.details.setText(message.details)
        self.details.hide()
        self._show_buttons(message)
        self._show_words(message)
        self.show()

    def _show_sign(self) -> None:
        if self._messages:
            failed = self._messages[-1].rank == _ERROR
            sign = icon("warning", "danger") if failed else icon("info", "accent")
            self._sign.setPixmap(sign.pixmap(20, 20))

    def _show_words(self, message: _Message) -> None:
        self.text.setText(message.text)
        self.setAccessibleName(message.text)
        self.progress.setVisible(message.progress is not None)
        if message.progress is not None:
            done, total = message.progress
            self.progress.setRange(0, 1000 if total else 0)
            if total:
                self.progress.setValue(min(round(1000 * done / total), 1000))

    def _show_buttons(self, message: _Message) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for index, (name, deed) in enumerate(message.actions):
            button = QPushButton(name)
            if index == 0:
                button.setProperty("role", "primary")
            button.clicked.connect(deed)
            self._add_button(button)
        if message.details:
            fold = QPushButton(tr("Details"))
            fold.setCheckable(True)
            fold.setProperty("role", "link")
            fold.toggled.connect(self.details.setVisible)
            self._add_button(fold)
        self._buttons.addStretch(1)

    def _add_button(self, button: QPushButton) -> None:
        last = self._buttons.itemAt(self._buttons.count() - 1)
        before = last.widget() if last is not None else None
        self._buttons.addWidget(button)
        button.show()
        self.setTabOrder(before or self.close_button, button)
        self.setTabOrder(button, self.details)
