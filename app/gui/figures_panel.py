"""Live figures: how fast, how late, how many, and on what."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.gui.angle_chart import AngleChart
from app.gui.sending_card import SendingCard
from app.gui.stage_chart import StageChart
from app.gui.texts import tr
from app.gui.widgets.labels import ElidedLabel, card, label
from app.live.meter import Figures
from app.live.news import EngineInfo, LivePicture
from model.zoo import PoseModel

_COLUMNS = 3
_ABSENT = "–"


class FiguresPanel(QWidget):
    """Tiles of numbers, a chart of milliseconds by stage, and the networks in use."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        frame, rows = card()
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(12)
        self._info: EngineInfo | None = None
        self._figures = {}
        for index, (key, name, tip) in enumerate(
            (
                ("display", tr("Display"), tr("Pictures drawn per second")),
                ("inference", tr("Inference"), tr("Frames per second that the networks see")),
                ("capture", tr("Capture"), tr("Frames per second that the source gives")),
                ("latency", tr("Latency"), tr("Milliseconds from a frame's arrival to its drawing")),
                ("dropped", tr("Dropped"), tr("Frames that a newer one replaced before the networks were free")),
                ("people", tr("People"), tr("People in the picture")),
            )
        ):
            tile = QVBoxLayout()
            tile.setSpacing(0)
            value = label(_ABSENT, "figure")
            value.setToolTip(tip)
            value.setAccessibleDescription(tip)
            caption = label(name, "caption")
            caption.setToolTip(tip)
            tile.addWidget(value)
            tile.addWidget(caption)
            grid.addLayout(tile, index // _COLUMNS, index % _COLUMNS)
            grid.setColumnStretch(index % _COLUMNS, 1)
            self._figures[key] = (name, value)
        rows.addLayout(grid)
        layout.addWidget(frame)

        frame, rows = card(spacing=6)
        head = QHBoxLayout()
        head.addWidget(label(tr("Milliseconds by stage"), "title"))
        head.addStretch(1)
        rows.addLayout(head)
        self.chart = StageChart()
        rows.addWidget(self.chart)
        layout.addWidget(frame)

        frame, rows = card(spacing=8)
        rows.addWidget(label(tr("Joint angles"), "title"))
        self.angles = AngleChart()
        rows.addWidget(self.angles)
        layout.addWidget(frame)

        self.sending = SendingCard()
        layout.addWidget(self.sending)

        frame, rows = card(spacing=6)
        rows.addWidget(label(tr("Networks in use"), "title"))
        table = QGridLayout()
        table.setHorizontalSpacing(12)
        table.setVerticalSpacing(5)
        table.setColumnStretch(1, 1)
        self._facts = {}
        for row, (key, name) in enumerate(
            (
                ("model", tr("Model")),
                ("network", tr("Network")),
                ("parameters", tr("Parameters")),
                ("macs", tr("Multiply-adds")),
                ("input", tr("Input size")),
                ("accuracy", tr("COCO AP")),
                ("engine", tr("Engine")),
                ("device", tr("Device")),
                ("detector", tr("Detector")),
                ("detector_engine", tr("It runs on")),
                ("licence", tr("Licence")),
            )
        ):
            table.addWidget(label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            value = ElidedLabel()
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            value.set_whole_text(_ABSENT)
            table.addWidget(value, row, 1)
            self._facts[key] = value
        rows.addLayout(table)
        layout.addWidget(frame)
        layout.addStretch(1)

    def take_picture(self, picture: LivePicture, threshold: float) -> None:
        """Take a picture's stages and angles into the charts; they are drawn with the figures.

        Args:
            picture: The newest.
            threshold: Angles with a keypoint scored lower are unknown.
        """
        if picture.result is not None:
            self.chart.add(picture.timings_ms)
            self.angles.add(picture, threshold)

    def begin_source(self) -> None:
        """Forget the charts of another source."""
        self.chart.clear()
        self.angles.clear()

    def show_figures(self, figures: Figures) -> None:
        """Show how fast things go."""
        self.chart.redraw()
        self.angles.redraw()
        latency = _ABSENT if figures.latency_s is None else f"{1000 * figures.latency_s:.0f} ms"
        for key, text in (
            ("display", _rate(figures.display_fps)),
            ("inference", _rate(figures.inference_fps)),
            ("capture", _rate(figures.capture_fps)),
            ("latency", latency),
            ("dropped", str(figures.dropped)),
            ("people", str(figures.persons)),
        ):
            name, value = self._figures[key]
            if value.text() != text:
                value.setText(text)
                value.setAccessibleName(f"{name}: {text}")

    def show_networks(self, info: EngineInfo, model: PoseModel, licence: str) -> None:
        """Show what runs.

        Args:
            info: Engine and device in use.
            model: The catalogue's entry of the model in use.
            licence: Of its weights.
        """
        if info != self._info:
            self.angles.clear()  # other networks number people anew
            self._info = info
        for key, text in _facts(info, model, licence).items():
            self._facts[key].set_whole_text(text)


def _rate(fps: float) -> str:
    return f"{fps:.1f}" if fps > 0 else _ABSENT


def _facts(info: EngineInfo, model: PoseModel, licence: str) -> Mapping[str, str]:
    return {
        "model": info.model,
        "network": model.network,
        "parameters": f"{model.parameters / 1e6:.2f} M",
        "macs": f"{model.macs / 1e6:.0f} M",
        "input": f"{model.input_size}".replace("x", " × "),
        "accuracy": accuracy_text(model),
        "engine": info.engine,
        "device": info.device,
        "detector": info.detector,
        "detector_engine": info.detector_engine,
        "licence": licence,
    }


def accuracy_text(model: PoseModel) -> str:
    """The accuracy as measured here, else as published."""
    if model.measured_ap is not None:
        return tr("{ap} measured").format(ap=f"{100 * model.measured_ap:.1f}")
    if model.published_ap is not None:
        return tr("{ap} published").format(ap=f"{100 * model.published_ap:.1f}")
    return tr("not measured")
