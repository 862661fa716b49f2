"""Controls of a file: play, pause, step, seek, speed and loop."""

from PyQt6.QtCore import QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.icons import icon
from app.gui.texts import tr
from app.gui.widgets.labels import label
from app.live.transport import SPEEDS, Playback

_LEAST_SLIDER = 120  # pixels: less leaves nothing to seek with
_MARGIN, _SPACING = 12, 4
_PLACE = 3  # of the position among the buttons: behind those that play


class TransportBar(QFrame):
    """Emits what the user wants; shows what it is told.

    Attributes:
        play_wanted: True for play, False for pause.
        step_wanted: 1 for the next frame, -1 for the one before.
        seek_wanted: A time in seconds.
        speed_wanted: A factor.
        loop_wanted: Whether to begin anew at the end.
    """

    play_wanted = pyqtSignal(bool)
    step_wanted = pyqtSignal(int)
    seek_wanted = pyqtSignal(float)
    speed_wanted = pyqtSignal(float)
    loop_wanted = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "footer")
        self._playing = True
        self._duration_s = 0.0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 6, _MARGIN, 6)
        layout.setSpacing(2)
        self._row = QHBoxLayout()
        self._row.setSpacing(_SPACING)
        self.back = self._button("step-back", tr("Frame before"))
        self.play = self._button("pause", tr("Pause"))
        self.forward = self._button("step-forward", tr("Next frame"))
        self.back.clicked.connect(lambda: self.step_wanted.emit(-1))
        self.forward.clicked.connect(lambda: self.step_wanted.emit(1))
        self.play.clicked.connect(self.toggle_play)
        self.slider = _SeekSlider(Qt.Orientation.Horizontal)
        self.slider.setMinimumWidth(_LEAST_SLIDER)
        self.slider.setAccessibleName(tr("Position"))
        self.slider.setToolTip(tr("Position"))
        self.slider.valueChanged.connect(lambda milliseconds: self.seek_wanted.emit(milliseconds / 1000))
        self.time = label("0:00 / 0:00", "muted")
        self.time.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.speed = QComboBox()
        self.speed.setAccessibleName(tr("Speed"))
        self.speed.setToolTip(tr("Speed"))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.activated.connect(lambda index: self.speed_wanted.emit(SPEEDS[index]))
        self.loop = self._button("loop", tr("Loop"))
        self.loop.setCheckable(True)
        self.loop.clicked.connect(self.loop_wanted)
        self._beside = (self.back, self.play, self.forward, self.time, self.speed, self.loop)
        for widget in self._beside:
            self._row.addWidget(widget)
        self._gap = QWidget()
        self._row.insertWidget(_PLACE, self._gap, 1)
        self._row.insertWidget(_PLACE, self.slider, 1)
        self._gap.hide()
        layout.addLayout(self._row)
        self._rows = layout

    def minimumSizeHint(self) -> QSize:
        """Room for all but the position, which has a row of its own where there is none beside them."""
        return QSize(self._needed(), super().minimumSizeHint().height())

    def _needed(self) -> int:
        widths = [widget.minimumSizeHint().width() for widget in self._beside]
        return sum(widths) + _SPACING * (len(widths) + 1) + 2 * _MARGIN

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the position beside the buttons, or above them where it would be too short."""
        narrow, was_narrow = self.width() < self._needed() + _LEAST_SLIDER, not self._gap.isHidden()
        if narrow == was_narrow:
            return
        if narrow:
            self._row.removeWidget(self.slider)
            self._rows.insertWidget(0, self.slider)
        else:
            self._rows.removeWidget(self.slider)
            self._row.insertWidget(_PLACE, self.slider, 1)
        self._gap.setVisible(narrow)

    def _button(self, name: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setToolTip(text)
        button.setAccessibleName(text)
        return button

    def toggle_play(self) -> None:
        self.play_wanted.emit(not self._playing)

    def show_duration(self, duration_s: float | None, frame_s: float) -> None:
        """Set the range of the position.

        Args:
            duration_s: Length of the file; without it it cannot be sought in.
            frame_s: How long a frame is shown; the position ends where the last one begins.
        """
        self._duration_s = duration_s or 0.0
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(int(1000 * (self._duration_s - frame_s)), 0))
            self.slider.setSingleStep(1000)
            self.slider.setPageStep(max(round(100 * (duration_s or 0)), 1000))
        self.slider.setEnabled(bool(duration_s))

    def show_playback(self, playback: Playback) -> None:
        """Show where the file stands."""
        if playback.playing != self._playing:
            self._playing = playback.playing
            text = tr("Pause") if playback.playing else tr("Play")
            self.play.setIcon(icon("pause" if playback.playing else "play"))
            self.play.setToolTip(text)
            self.play.setAccessibleName(text)
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(1000 * playback.position_s))
        self.time.setText(f"{clock(playback.position_s)} / {clock(self._duration_s)}")
        self._arrange()
        self.loop.setChecked(playback.loop)
        self.speed.setCurrentIndex(SPEEDS.index(playback.speed))


class _SeekSlider(QSlider):
    """Jumps to where it is clicked, as players do."""

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        style = self.style()
        if event is not None and style is not None and event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            handle = style.subControlRect(
                QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
            )
            if not handle.contains(event.position().toPoint()):
                span = max(self.width() - handle.width(), 1)
                x = round(event.position().x()) - handle.width() // 2
                self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, span))
        super().mousePressEvent(event)


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
