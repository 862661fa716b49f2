"""Every command of the window, in the menus where it is found, with its shortcut."""

from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QMenu, QMenuBar

from app.gui.icons import icon
from app.gui.texts import literal, tr
from app.sources.camera_list import CameraInfo, list_cameras


class Commands:
    """The window's actions. What they do is connected by the window."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self.open_file = self._action(tr("Open video or picture…"), "film", QKeySequence.StandardKey.Open)
        self.open_folder = self._action(tr("Open folder of pictures…"), "folder", "Ctrl+Shift+O")
        self.open_url = self._action(tr("Open stream…"), "link", "Ctrl+U")
        self.open_demo = self._action(tr("Demo clip"), "play", "Ctrl+D")
        self.process = self._action(tr("Process files…"), "film", "Ctrl+P")
        self.snapshot = self._action(tr("Save snapshot"), "snapshot", "Ctrl+S")
        self.copy = self._action(tr("Copy picture"), "copy", QKeySequence.StandardKey.Copy)
        self.record = self._action(tr("Record"), "record", "Ctrl+R")
        self.record.setCheckable(True)
        self.show_folder = self._action(tr("Show recordings folder"), "folder", "Ctrl+L")
        self.quit = self._action(tr("Quit"), None, QKeySequence.StandardKey.Quit)
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.play = self._action(tr("Play or pause"), "play", "Space")
        self.step_forward = self._action(tr("Next frame"), "step-forward", ".")
        self.step_back = self._action(tr("Frame before"), "step-back", ",")
        self.full_screen = self._action(tr("Full screen"), "fullscreen", "F11")
        self.full_screen.setCheckable(True)
        self.escape = QAction(window)
        self.escape.setShortcut("Esc")
        window.addAction(self.escape)
        self.side_panel = self._action(tr("Side panel"), "panel", "Ctrl+B")
        self.side_panel.setCheckable(True)
        self.mirror = self._action(tr("Mirror cameras"), "mirror", "Ctrl+M")
        self.mirror.setCheckable(True)
        self.zoom_in = self._action(tr("Zoom in"), None, QKeySequence.StandardKey.ZoomIn)
        self.zoom_out = self._action(tr("Zoom out"), None, QKeySequence.StandardKey.ZoomOut)
        self.zoom_fit = self._action(tr("Fit to window"), None, "Ctrl+0")
        self.overlays = {
            key: self._action(text, None, shortcut)
            for key, text, shortcut in (
                ("skeleton", tr("Skeleton"), "1"),
                ("joints", tr("Joints"), "2"),
                ("boxes", tr("Boxes"), "3"),
                ("ids", tr("Numbers"), "4"),
                ("scores", tr("Scores"), "5"),
                ("angles", tr("Joint angles"), "6"),
                ("dim_background", tr("Dim the picture"), "7"),
            )
        }
        for action in self.overlays.values():
            action.setCheckable(True)
        self.themes = QActionGroup(window)
        for key, text in (("system", tr("As the system")), ("light", tr("Light")), ("dark", tr("Dark"))):
            action = self._action(text, None, None)
            action.setCheckable(True)
            action.setData(key)
            self.themes.addAction(action)
        self.shortcuts = self._action(tr("Shortcuts"), None, "?")
        self.about = self._action(tr("About Lite-HRNet Live"), "info", None)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.source_menu = QMenu(tr("&Source"), window)
        self.source_menu.aboutToShow.connect(self._fill_source_menu)
        self._cameras: list[CameraInfo] = []
        self._open_camera: tuple[str, str] | None = None
        self._fill_source_menu()

    def fill(self, bar: QMenuBar) -> None:
        """Lay the commands into the menu bar."""
        file_menu = self._menu(bar, tr("&File"))
        file_menu.addActions([self.open_file, self.open_folder, self.open_url])
        file_menu.addSeparator()
        file_menu.addActions([self.record, self.snapshot, self.copy, self.show_folder])
        file_menu.addSeparator()
        file_menu.addAction(self.process)
        file_menu.addSeparator()
        file_menu.addAction(self.quit)
        bar.addMenu(self.source_menu)
        play_menu = self._menu(bar, tr("&Playback"))
        play_menu.addActions([self.play, self.step_back, self.step_forward])
        view_menu = self._menu(bar, tr("&View"))
        view_menu.addActions([self.full_screen, self.side_panel])
        view_menu.addSeparator()
        view_menu.addActions([self.zoom_in, self.zoom_out, self.zoom_fit])
        view_menu.addSeparator()
        view_menu.addAction(self.mirror)
        view_menu.addActions(list(self.overlays.values()))
        view_menu.addSeparator()
        theme_menu = QMenu(tr("Theme"), view_menu)
        theme_menu.addActions(self.themes.actions())
        view_menu.addMenu(theme_menu)
        help_menu = self._menu(bar, tr("&Help"))
        help_menu.addActions([self.shortcuts, self.about])

    def with_shortcuts(self) -> list[tuple[str, str]]:
        """Text and keys of every command that has a shortcut, in the order of the menus."""
        in_no_menu = tr("Leave full screen, or close a message")
        return [
            (
                action.text().rstrip("…") or in_no_menu,
                action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
            )
            for action in self._window.actions()
            if not action.shortcut().isEmpty()
        ]

    def camera_name(self, spec: str) -> str | None:
        """What the camera of this number calls itself; None for other sources and cameras without a name."""
        return next((camera.name for camera in self._cameras if str(camera.index) == spec and camera.name), None)

    def show_camera(self, spec: str | None, mode: str = "") -> None:
        """Tell in the source menu which camera is open, and in what mode; None for no camera."""
        self._open_camera = None if spec is None else (spec, mode)

    def set_playback_enabled(self, enabled: bool) -> None:
        for action in (self.play, self.step_back, self.step_forward):
            action.setEnabled(enabled)

    def _action(self, text: str, icon_name: str | None, shortcut: "QKeySequence.StandardKey | str | None") -> QAction:
        action = QAction(text, self._window)
        if icon_name is not None:
            action.setIcon(icon(icon_name))
        if isinstance(shortcut, QKeySequence.StandardKey):
            action.setShortcuts(QKeySequence.keyBindings(shortcut))
        elif shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        plain = text.rstrip("…")
        action.setToolTip(f"{plain} ({keys})" if keys else plain)
        self._window.addAction(action)
        return action

    @staticmethod
    def _menu(bar: QMenuBar, title: str) -> QMenu:
        menu = QMenu(title, bar)
        bar.addMenu(menu)
        return menu

    def _fill_source_menu(self) -> None:
        """List the cameras anew; none is opened for that."""
        self.source_menu.clear()  # which deletes the actions that belong to it
        self._cameras = list_cameras()
        actions = []
        opened, mode = self._open_camera or (None, "")
        for camera in self._cameras:
            name = literal(camera.name or tr("Camera {index}").format(index=camera.index))
            is_open = str(camera.index) == opened
            # What follows the tab stands in a column of its own, where other menus show keys.
            action = QAction(icon("camera"), f"{name}\t{mode}" if is_open else name, self.source_menu)
            action.setData(str(camera.index))
            action.setCheckable(True)
            action.setChecked(is_open)
            actions.append(action)
        if not self._cameras:
            none = QAction(tr("No camera found"), self.source_menu)
            none.setEnabled(False)
            actions.append(none)
        self.source_menu.addActions(actions)
        self.source_menu.addSeparator()
        self.source_menu.addActions([self.open_file, self.open_folder, self.open_url, self.open_demo])
