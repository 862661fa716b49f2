"""The one place where news of other threads enters the GUI thread."""

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from app.live.news import News


class Bridge(QObject):
    """Turns calls from any thread into a signal in the GUI thread.

    Attributes:
        news: Emitted in the GUI thread, in the order of the calls of each thread.
    """

    news = pyqtSignal(object)
    _arrived = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        # Queued on the GUI thread too: what tells news there may hold a lock that the receiver wants.
        self._arrived.connect(self.news.emit, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]  # PyQt6's stub

    def tell(self, news: News) -> None:
        """Take news; never waits, and safe on every thread."""
        self._arrived.emit(news)
