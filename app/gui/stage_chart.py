"""A chart of the milliseconds that each stage took, over the last frames."""

from collections import deque
from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.gui.texts import tr
from app.gui.theme import theme
from app.gui.widgets.labels import label

FRAMES = 150
# Stages that a person tells apart; what the pipeline reports beyond them belongs to "other".
STAGES = {
    "detect": "#f2a93b",
    "crop": "#8a7df0",
    "infer": "#36a3ff",
    "decode": "#2fc7a1",
    "other": "#8793a5",
}


class StageChart(QWidget):
    """Stacked bars, a frame each, oldest left, with the means in the legend."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history: dict[str, deque[float]] = {stage: deque(maxlen=FRAMES) for stage in STAGES}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self.plot = pg.PlotWidget()
        self.plot.setFixedHeight(130)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.hideAxis("bottom")
        self.plot.getAxis("left").setStyle(tickLength=0)
        self.plot.plotItem.setContentsMargins(0, 6, 0, 8)
        self.plot.setXRange(0, FRAMES - 1, padding=0)
        self.plot.setAccessibleName(tr("Milliseconds by stage"))
        layout.addWidget(self.plot)
        self._bars = {}
        for stage, colour in STAGES.items():
            bars = pg.BarGraphItem(x=[], y0=[], height=[], width=1.0, pen=pg.mkPen(None), brush=pg.mkBrush(colour))
            self.plot.addItem(bars)
            self._bars[stage] = bars
        legend = QGridLayout()
        legend.setHorizontalSpacing(12)
        legend.setVerticalSpacing(2)
        self._legend = {}
        names = {
            "detect": tr("Detect"),
            "crop": tr("Crop"),
            "infer": tr("Infer"),
            "decode": tr("Decode"),
            "other": tr("Track"),
        }
        for index, (stage, name) in enumerate(names.items()):
            entry = label("", "caption")
            entry.setTextFormat(Qt.TextFormat.RichText)
            legend.addWidget(entry, index // 3, index % 3)
            self._legend[stage] = (name, entry)
        layout.addLayout(legend)
        theme().changed.connect(self._colour)
        self._colour()
        self.redraw()

    def add(self, timings_ms: Mapping[str, float]) -> None:
        """Take in the stages of one frame; `redraw` shows them."""
        known = {stage: timings_ms.get(stage, 0.0) for stage in STAGES if stage != "other"}
        total = timings_ms.get("total", sum(timings_ms.values()))
        known["other"] = max(total - sum(known.values()), 0.0)
        for stage, value in known.items():
            self._history[stage].append(value)

    def clear(self) -> None:
        for values in self._history.values():
            values.clear()
        self.redraw()

    def redraw(self) -> None:
        count = len(self._history["infer"])
        x = np.arange(FRAMES - count, FRAMES, dtype=float)
        top_of_bars = np.zeros(count)
        for stage, bars in self._bars.items():
            values = np.array(self._history[stage], dtype=float)
            bars.setOpts(x=x, y0=top_of_bars, height=values)
            top_of_bars = top_of_bars + values
            name, entry = self._legend[stage]
            mean = f"{values.mean():.1f}" if count else "–"
            entry.setText(f'<span style="color:{STAGES[stage]}">■</span> {name} {mean}')
        # One frame that loads a library would flatten all others.
        top = float(np.percentile(top_of_bars, 98)) if count else 1.0
        self.plot.setYRange(0, max(top * 1.15, 1.0), padding=0)

    def _colour(self) -> None:
        colours = theme().colours
        self.plot.setBackground(colours.surface)
        axis = self.plot.getAxis("left")
        axis.setPen(pg.mkPen(colours.border))
        axis.setTextPen(pg.mkPen(colours.muted))
