"""A note or an error over the picture: a plain sentence, what can be done, and the details in a fold."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.failure_texts import in_the_windows_words
from app.gui.icons import icon
from app.gui.texts import tr
from app.gui.widgets.labels import label
from app.live.news import Failure

_PASSING_MS = 6000

Action = tuple[str, Callable[[], None]]


class Banner(QFrame):
    """Shows one message at a time, until it is closed or another comes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 10)
        layout.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(10)
        self._sign = QLabel()
        self.text = label(wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setToolTip(tr("Close this message"))
        self.close_button.setAccessibleName(tr("Close this message"))
        self.close_button.clicked.connect(self.dismiss)
        top.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.text, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress"))
        layout.addWidget(self.progress)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        layout.addLayout(self._buttons)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setFixedHeight(120)
        self.details.setAccessibleName(tr("Details"))
        self.details.setTabChangesFocus(True)
        layout.addWidget(self.details)
        self._on_close: Callable[[], None] | None = None
        self._about = ""
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.timeout.connect(self.clear)
        self.hide()

    def show_note(
        self,
        text: str,
        actions: tuple[Action, ...] = (),
        *,
        about: str,
        on_close: Callable[[], None] | None = None,
        passing: bool = False,
    ) -> None:
        """Show a message.

        Args:
            text: A sentence.
            actions: Text and deed of each button, the most likely first.
            about: What it is about; `clear_about` takes it away when that is settled.
            on_close: Done when the user closes the message.
            passing: Whether it goes away by itself after a while.
        """
        if passing and self.isVisible() and not self._passing.isActive():
            return  # what waits for an answer stays
        self._show("info", text, actions, "", on_close)
        self._about = about
        if passing:
            self._passing.start(_PASSING_MS)

    def show_failure(self, failure: Failure, actions: tuple[Action, ...] = (), *, about: str) -> None:
        """Show what went wrong in the window's words, with the original's behind a button."""
        details = f"{failure.sentence}\n\n{failure.details}"
        self._show("error", in_the_windows_words(failure.sentence), actions, details, None)
        self._about = about

    def show_progress(self, text: str, done: int, total: int | None) -> None:
        """Change the message's text and show how far something is; the buttons stay."""
        self.text.setText(text)
        self.progress.setRange(0, 1000 if total else 0)
        if total:
            self.progress.setValue(min(round(1000 * done / total), 1000))
        self.progress.show()

    def clear(self) -> None:
        self._on_close = None
        self._passing.stop()
        self.hide()

    def clear_about(self, about: str) -> None:
        """Take the message away if it is about this."""
        if self._about == about:
            self.clear()

    def _show(
        self, kind: str, text: str, actions: tuple[Action, ...], details: str, on_close: Callable[[], None] | None
    ) -> None:
        self.setProperty("kind", kind)
        style = self.style()
        if style is not None:
            style.unpolish(self)
            style.polish(self)
        sign = icon("warning", "danger") if kind == "error" else icon("info", "accent")
        self._sign.setPixmap(sign.pixmap(20, 20))
        self._passing.stop()
        self.text.setText(text)
        self.setAccessibleName(text)
        self.progress.hide()
        self.details.setPlainText(details)
        self.details.hide()
        self._on_close = on_close
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for index, (name, deed) in enumerate(actions):
            button = QPushButton(name)
            if index == 0:
                button.setProperty("role", "primary")
            button.clicked.connect(deed)
            self._add_button(button)
        if details:
            fold = QPushButton(tr("Details"))
            fold.setCheckable(True)
            fold.setProperty("role", "link")
            fold.toggled.connect(self.details.setVisible)
            self._add_button(fold)
        self._buttons.addStretch(1)
        self.show()

    def _add_button(self, button: QPushButton) -> None:
        last = self._buttons.itemAt(self._buttons.count() - 1)
        before = last.widget() if last is not None else None
        self._buttons.addWidget(button)
        self.setTabOrder(before or self.close_button, button)
        self.setTabOrder(button, self.details)

    def dismiss(self) -> None:
        """Close the message as the user does."""
        deed, self._on_close = self._on_close, None
        self.hide()
        if deed is not None:
            deed()
