"""The bar above the picture: source, model size, and what is done most."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from app.gui.commands import Commands
from app.gui.icons import icon
from app.gui.model_texts import SIZES, model_figures, model_line, set_name, size_line, size_of, size_text
from app.gui.texts import literal, tr
from app.gui.transport_bar import clock
from app.gui.widgets.elided_button import ElidedToolButton
from app.gui.widgets.segments import Segments
from app.live.recorder import RecordingStatus
from app.recommendation import better_here
from model.zoo import PoseWeightSet, all_pose_models, is_available


class Toolbar(QFrame):
    """Emits what the user wants.

    Attributes:
        camera_wanted: A camera's index as text.
        model_wanted: A model's name.
    """

    camera_wanted = pyqtSignal(str)
    model_wanted = pyqtSignal(str)

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(6)
        self.source = ElidedToolButton()
        self.source.setProperty("role", "select")
        self.source.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.source.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.source.setMenu(commands.source_menu)
        self.source.setToolTip(tr("What is watched: a camera, a video, pictures or a stream"))
        self.source.setAccessibleName(tr("Source"))
        commands.source_menu.triggered.connect(self._source_triggered)
        self.show_source(tr("Source"), "camera")
        layout.addWidget(self.source)
        layout.addSpacing(4)
        self.sizes = Segments([(key, size_text(key), size_line(key)) for key in SIZES])
        self.sizes.setAccessibleName(tr("Model size"))
        self.sizes.chosen.connect(self.model_wanted)
        layout.addWidget(self.sizes)
        self.more = ElidedToolButton()
        self.more.setProperty("role", "select")
        self.more.setToolTip(tr("All models of the catalogue"))
        self.more.setAccessibleName(tr("All models of the catalogue"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.models = QMenu(self.more)
        self.models.setToolTipsVisible(True)
        self.models.aboutToShow.connect(self._fill_models)
        self.models.triggered.connect(lambda action: self.model_wanted.emit(action.data()))
        self.more.setMenu(self.models)
        layout.addWidget(self.more)
        layout.addStretch(1)
        self._record, self._record_tip = commands.record, commands.record.toolTip()
        self.record = self._button(commands.record)
        self.buttons = [self.record]
        layout.addWidget(self.record)
        for action in (commands.snapshot, commands.copy, commands.full_screen, commands.side_panel):
            button = self._button(action)
            self.buttons.append(button)
            layout.addWidget(button)
        self._model = ""
        self.show_recording(None)

    def show_source(self, name: str, icon_name: str) -> None:
        self.source.setText(name)
        self.source.setIcon(icon(icon_name))
        self.source.setAccessibleDescription(name)

    def show_model(self, model: str) -> None:
        """Show which model is chosen."""
        self._model = model
        size = size_of(model)
        self.sizes.set_chosen(size)
        self.more.setText(tr("More") if size is not None else model)
        self.more.setAccessibleDescription(model)

    def show_recording(self, status: RecordingStatus | None) -> None:
        """Show how the recording goes; None where there is none."""
        button = self.record
        if (status is not None) != (button.property("role") == "recording"):
            button.setProperty("role", "recording" if status is not None else "")
            style = button.style()
            if style is not None:
                style.unpolish(button)
                style.polish(button)
            self._record.setIcon(icon("stop", "danger") if status is not None else icon("record"))
            beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            button.setToolButtonStyle(beside if status is not None else Qt.ToolButtonStyle.ToolButtonIconOnly)
        # The button takes these from its command whenever that changes.
        self._record.setIconText("" if status is None else clock(status.elapsed_s))
        self._record.setToolTip(self._record_tip if status is None else f"{self._record_tip}\n{recording_line(status)}")

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setIconSize(QSize(20, 20))
        button.setAccessibleName(action.text())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the space bar to playing
        return button

    def _source_triggered(self, action: QAction) -> None:
        if isinstance(action.data(), str):
            self.camera_wanted.emit(action.data())

    def _fill_models(self) -> None:
        self.models.clear()
        chosen = set_name(self._model)
        self._recommend(chosen)
        for model in all_pose_models():
            if not isinstance(model, PoseWeightSet):
                continue
            here = is_available(model)
            # What follows the tab stands in a column of its own, where other menus show keys.
            action = QAction(f"{literal(model.name)}\t{model_figures(model)}", self.models)
            action.setToolTip(model_line(model) if here else tr("to be downloaded"))
            action.setData(model.name)
            action.setCheckable(True)
            action.setChecked(model.name == chosen)
            if not here:
                action.setIcon(icon("download", "muted"))
            self.models.addAction(action)

    def _recommend(self, chosen: str) -> None:
        """Put first what is here, as fast as the chosen model and more accurate."""
        model = next((model for model in all_pose_models() if model.name == chosen), None)
        better = better_here(model) if model is not None else None
        if better is not None:
            action = QAction(
                icon("info", "accent"),
                tr("As fast and more accurate: {better}").format(better=better.name),
                self.models,
            )
            action.setData(better.name)
            self.models.addAction(action)
            self.models.addSeparator()


def recording_line(status: RecordingStatus) -> str:
    """What there is to say of a recording beside its clock."""
    parts = [tr("Recording"), f"{status.size_bytes / 1e6:.1f} MB"]
    if status.skipped:
        parts.append(tr("{count} skipped").format(count=status.skipped))
    return " · ".join(parts)
