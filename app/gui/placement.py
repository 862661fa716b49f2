"""Where the window stood and whether its side panel was open, from one run to the next."""

from pathlib import Path

from PyQt6.QtCore import QByteArray, QSettings, Qt

from app.gui.window import MainWindow
from app.settings import user_settings_path

_GEOMETRY, _SIDE_PANEL = "geometry", "side_panel"


class Placement:
    """Keeps it in a file beside the user's settings; without a good one the window stays as it is.

    Args:
        path: The file; None for the user's own.
    """

    def __init__(self, path: Path | None = None) -> None:
        path = user_settings_path().with_name("window.ini") if path is None else path
        self._kept = QSettings(str(path), QSettings.Format.IniFormat)

    def restore(self, window: MainWindow) -> None:
        geometry = self._kept.value(_GEOMETRY)
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
            # Whoever comes back should find the controls.
            window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)
        window.commands.side_panel.setChecked(self._kept.value(_SIDE_PANEL) != "false")

    def keep(self, window: MainWindow) -> None:
        self._kept.setValue(_GEOMETRY, window.saveGeometry())
        self._kept.setValue(_SIDE_PANEL, "true" if window.commands.side_panel.isChecked() else "false")
        self._kept.sync()
