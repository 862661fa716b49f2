"""Light and dark: one set of named colours each, from which the style sheet and the icons are coloured."""

from dataclasses import asdict, dataclass
from typing import Literal

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication

from app.gui.assets import ASSETS

ThemeChoice = Literal["system", "light", "dark"]


@dataclass(frozen=True)
class Colours:
    """Colours by what they are for, as #rrggbb."""

    window: str
    surface: str
    raised: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    danger: str
    canvas: str


DARK = Colours(
    window="#101317",
    surface="#181c22",
    raised="#222831",
    hover="#2c343f",
    border="#2d3540",
    text="#e9edf2",
    muted="#98a3b3",
    accent="#4aa8ff",
    on_accent="#06121f",
    danger="#ff6b6b",
    canvas="#07090b",
)
LIGHT = Colours(
    window="#eef1f5",
    surface="#ffffff",
    raised="#f0f3f7",
    hover="#e2e8ef",
    border="#d3dae3",
    text="#161b22",
    muted="#586476",
    accent="#0b6bcb",
    on_accent="#ffffff",
    danger="#c62828",
    canvas="#1b2027",
)


class Theme(QObject):
    """The colours in use. They follow the system unless the user chose otherwise.

    Attributes:
        changed: Emitted after the application has taken on other colours.
    """

    changed = pyqtSignal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._choice: ThemeChoice = "system"
        self._template = (ASSETS / "theme.qss").read_text(encoding="utf-8")
        self.colours = DARK
        application.setStyle("Fusion")
        hints = application.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._apply)
        self._apply()

    def choose(self, choice: ThemeChoice) -> None:
        if choice != self._choice:
            self._choice = choice
            self._apply()

    @property
    def dark(self) -> bool:
        if self._choice != "system":
            return self._choice == "dark"
        hints = self._application.styleHints()
        return hints is None or hints.colorScheme() != Qt.ColorScheme.Light

    def _apply(self) -> None:
        self.colours = DARK if self.dark else LIGHT
        self._application.setPalette(_palette(self.colours))
        sheet = self._template.replace("@icons", (ASSETS / "icons").as_posix())
        # Longer names first, so that none is taken for the beginning of another.
        for name, colour in sorted(asdict(self.colours).items(), key=lambda item: -len(item[0])):
            sheet = sheet.replace(f"@{name}", colour)
        self._application.setStyleSheet(sheet)
        self.changed.emit()


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, colours.window),
        (role.WindowText, colours.text),
        (role.Base, colours.surface),
        (role.AlternateBase, colours.raised),
        (role.Text, colours.text),
        (role.PlaceholderText, colours.muted),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Link, colours.accent),
    ):
        palette.setColor(target, QColor(colour))
    for target in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(colours.muted))
    return palette


def theme() -> Theme:
    """The running application's theme; it is made at start."""
    application = QApplication.instance()
    found = application.findChild(Theme) if application is not None else None
    if found is None:
        raise RuntimeError("the theme is made together with the application")
    return found
