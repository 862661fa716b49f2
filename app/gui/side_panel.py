"""The panel beside the picture: live figures, or settings."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.detectors import default_threshold, detector_names
from app.errors import DetectorError
from app.gui.figures_panel import FiguresPanel
from app.gui.joint_texts import joint_choices
from app.gui.model_texts import model_choices
from app.gui.settings_form import SettingsForm
from app.gui.texts import LANGUAGES, tr
from app.gui.widgets.segments import Segments
from app.settings import Settings
from model.engines import ENGINE_NAMES
from model.zoo import all_pose_models, resolve_detector

_WIDTH = 348
_SCROLL_BAR = 10
_GAP = 2


class SidePanel(QFrame):
    """Two pages, chosen above them."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "side")
        self.setFixedWidth(_WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 0, 0)
        layout.setSpacing(12)
        self.pages = Segments(
            [("live", tr("Live"), tr("How fast, how late, on what")), ("settings", tr("Settings"), tr("All settings"))]
        )
        self.pages.chosen.connect(self.show_page)
        head = QVBoxLayout()
        head.setContentsMargins(0, 0, _SCROLL_BAR + _GAP, 0)
        head.addWidget(self.pages)
        layout.addLayout(head)
        self.figures = FiguresPanel()
        self.form = SettingsForm(settings, _sections(), _choices(), {("detection", "person_threshold"): _own_threshold})
        self._stack = QStackedWidget()
        for page in (self.figures, self.form):
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # so that no page jumps sideways
            # Figures have little that Tab reaches, so that their page itself is scrolled by keys.
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            if page is self.figures:
                area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                area.setAccessibleName(tr("Live"))
            margin = QWidget()
            margin.setProperty("role", "page")
            inner = QVBoxLayout(margin)
            inner.setContentsMargins(0, 0, _GAP, 12)
            inner.addWidget(page)
            area.setWidget(margin)
            viewport = area.viewport()
            if viewport is not None:
                viewport.setAutoFillBackground(False)
            margin.setAutoFillBackground(False)
            self._stack.addWidget(area)
        layout.addWidget(self._stack, 1)
        self.show_page("live")

    def show_page(self, name: str) -> None:
        self.pages.set_chosen(name)
        self._stack.setCurrentIndex(0 if name == "live" else 1)


def _sections() -> dict[str, str]:
    return {
        "pose": tr("Pose network"),
        "detection": tr("Finding people"),
        "smoothing": tr("Smoothing"),
        "drawing": tr("Drawing"),
        "camera": tr("Camera"),
        "outputs": tr("Sending to other programs"),
        "window": tr("Window and recording"),
    }


def _own_threshold(settings: Settings) -> float | None:
    try:
        return default_threshold(settings.detection.detector)
    except DetectorError:  # a name that the user wrote into the file; loading it tells
        return None


def _choices() -> dict[tuple[str, str], list[tuple[str, str]]]:
    default = resolve_detector("default").name
    detectors = [(name, name) for name in detector_names() if name != "default"]
    engines = [(name, name) for name in ENGINE_NAMES if name != "auto"]
    devices = [("cpu", "CPU"), ("cuda", "CUDA (NVIDIA)"), ("mps", "MPS (Apple)")]
    automatic = ("auto", tr("Automatic"))
    return {
        ("pose", "model"): model_choices(all_pose_models()),
        ("pose", "engine"): [automatic, *engines],
        ("pose", "device"): [automatic, *devices],
        ("detection", "detector"): [("default", tr("Default: {name}").format(name=default)), *detectors],
        ("drawing", "heatmap"): joint_choices(),
        ("camera", "lines"): [
            ("default", tr("The camera's own")),
            ("480p", "640 × 480"),
            ("720p", "1280 × 720"),
            ("1080p", "1920 × 1080"),
        ],
        ("camera", "fps"): [("default", tr("The camera's own")), ("15", "15"), ("30", "30"), ("60", "60")],
        ("window", "theme"): [("system", tr("As the system")), ("light", tr("Light")), ("dark", tr("Dark"))],
        ("window", "language"): [("system", tr("As the system")), *LANGUAGES.items()],
        ("window", "record_keypoints"): [
            ("none", tr("No")),
            ("jsonl", tr("JSON lines (.jsonl)")),
            ("csv", tr("Table (.csv)")),
        ],
    }
