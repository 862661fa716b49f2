"""Where live outputs can be found, and who listens."""

from PyQt6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.gui.failure_texts import in_the_windows_words
from app.gui.texts import tr
from app.gui.widgets.labels import label
from app.live_outputs.sender import SenderState


class SendingCard(QFrame):
    """One entry for each output that is on; hidden while none is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 14)
        layout.setSpacing(6)
        layout.addWidget(label(tr("Sending to other programs"), "title"))
        self._names = {
            "osc": tr("OSC"),
            "websocket": tr("WebSocket"),
            "virtual_camera": tr("Virtual camera"),
        }
        self.entries = {name: label(wrap=True) for name in self._names}
        for entry in self.entries.values():
            layout.addWidget(entry)
        self.show_states({})

    def show_states(self, states: dict[str, SenderState]) -> None:
        self.setVisible(bool(states))
        for name, entry in self.entries.items():
            state = states.get(name)
            entry.setVisible(state is not None)
            if state is not None:
                entry.setText(f"{self._names[name]}\n{_state_text(state)}")


def _state_text(state: SenderState) -> str:
    if state.failure is not None:
        return tr("stopped: {reason}").format(reason=in_the_windows_words(str(state.failure)))
    if state.address is None:
        return tr("opening…")
    if state.receivers is None:
        return state.address
    return tr("{address}, receivers: {count}").format(address=state.address, count=state.receivers)
