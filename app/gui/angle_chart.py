"""The course of one joint's angle, left and right, for one person."""

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.angles import ANGLE_JOINTS, AngleHistory
from app.drawing.style import SIDE_COLOURS
from app.gui.texts import tr
from app.gui.theme import theme
from app.gui.widgets.labels import label
from app.gui.widgets.quiet import QuietComboBox
from app.live.news import LivePicture

FRAMES = 150


class AngleChart(QWidget):
    """Two lines in the colours of the person's sides, and the angles of the moment in numbers.

    Attributes:
        person_chosen: Emitted with the track id of the person whose angles are wanted; None for the largest.
    """

    person_chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = AngleHistory(FRAMES)
        self._persons: tuple[int, ...] = ()
        self._chosen: int | None = None
        self._last_s = 0.0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.joint = QuietComboBox()
        self.joint.setAccessibleName(tr("Joint"))
        for key, name in (
            ("elbow", tr("Elbows")),
            ("shoulder", tr("Shoulders")),
            ("hip", tr("Hips")),
            ("knee", tr("Knees")),
        ):
            self.joint.addItem(name, key)
        self.joint.activated.connect(self.redraw)
        self.person = QuietComboBox()
        self.person.setAccessibleName(tr("Person"))
        self.person.addItem(tr("Largest person"), None)
        self.person.activated.connect(lambda index: self.choose(self.person.itemData(index)))
        row.addWidget(self.joint, 1)
        row.addWidget(self.person, 1)
        layout.addLayout(row)
        self.plot = pg.PlotWidget()
        self.plot.setFixedHeight(120)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.hideAxis("bottom")
        self.plot.getAxis("left").setStyle(tickLength=0)
        self.plot.getAxis("left").setTicks([[(0, "0°"), (90, "90°"), (180, "180°")]])
        self.plot.plotItem.setContentsMargins(0, 6, 0, 8)
        self.plot.setXRange(0, FRAMES - 1, padding=0)
        self.plot.setYRange(0, 185, padding=0)
        self.plot.setAccessibleName(tr("Joint angles"))
        layout.addWidget(self.plot)
        self._lines, self._numbers = {}, {}
        numbers = QHBoxLayout()
        for side, name in (("left", tr("Left")), ("right", tr("Right"))):
            blue, green, red = SIDE_COLOURS[side]
            colour = f"#{red:02x}{green:02x}{blue:02x}"
            self._lines[side] = self.plot.plot([], [], pen=pg.mkPen(colour, width=2), connect="finite")
            entry = label("", "caption")
            entry.setTextFormat(Qt.TextFormat.RichText)
            self._numbers[side] = (name, colour, entry)
            numbers.addWidget(entry, 1)
        layout.addLayout(numbers)
        theme().changed.connect(self._colour)
        self._colour()
        self.redraw()

    def add(self, picture: LivePicture, threshold: float) -> None:
        """Take in the people of a picture; `redraw` shows them."""
        if picture.result is None or picture.skeleton is None:
            return
        self._persons = tuple(person.track_id for person in picture.result.persons)
        if picture.frame.time_s < self._last_s and self._chosen not in self._persons:
            self.choose(None)  # a file that begins anew numbers people anew
        self._last_s = picture.frame.time_s
        self._history.add(picture.result, picture.skeleton, threshold)

    def choose(self, track_id: int | None) -> None:
        """Follow this person; None for the largest."""
        self._history.choose(track_id)
        self._chosen = track_id
        self._list_persons()
        self.person_chosen.emit(track_id)

    def clear(self) -> None:
        """Forget what was seen and who was chosen, as with another source, where numbers mean other people."""
        self._history.clear()
        self._persons = ()
        self.choose(None)
        self.redraw()

    def redraw(self) -> None:
        degrees = self._history.degrees
        x = np.arange(FRAMES - len(degrees), FRAMES, dtype=float)
        for side, line in self._lines.items():
            values = degrees[:, ANGLE_JOINTS.index(f"{side}_{self.joint.currentData()}")].astype(float)
            line.setData(x, values)
            name, colour, entry = self._numbers[side]
            now = values[-1] if len(values) else np.nan
            number = "–" if np.isnan(now) else f"{now:.0f}°"
            entry.setText(f'<span style="color:{colour}">■</span> {name} {number}')
        self._list_persons()

    def _list_persons(self) -> None:
        """Offer the people in the picture, and the chosen one as long as it is chosen."""
        view = self.person.view()
        if view is not None and view.isVisible():
            return  # nothing moves while the user chooses
        wanted = sorted({*self._persons} | ({self._chosen} if self._chosen is not None else set()))
        listed = [self.person.itemData(index) for index in range(1, self.person.count())]
        if wanted != listed:
            while self.person.count() > 1:
                self.person.removeItem(1)
            for track_id in wanted:
                self.person.addItem(tr("Person {number}").format(number=track_id), track_id)
        self.person.setCurrentIndex(0 if self._chosen is None else 1 + wanted.index(self._chosen))

    def _colour(self) -> None:
        colours = theme().colours
        self.plot.setBackground(colours.surface)
        axis = self.plot.getAxis("left")
        axis.setPen(pg.mkPen(colours.border))
        axis.setTextPen(pg.mkPen(colours.muted))
