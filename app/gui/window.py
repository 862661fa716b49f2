"""The main window: lays out its parts and turns what the user does into commands."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QEvent, QSize, QStandardPaths, Qt, QTimer, QUrl, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDesktopServices, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.drawing import DrawingStyle
from app.gui.about import AboutDialog, ShortcutsDialog
from app.gui.awake import KeepAwake
from app.gui.banner import Banner
from app.gui.batch_dialog import BatchDialog
from app.gui.bridge import Bridge
from app.gui.camera_permission import ask_for_cameras
from app.gui.commands import Commands
from app.gui.drops import accept_drops
from app.gui.file_dialogs import ask_file, ask_folder, ask_url
from app.gui.picture import PictureView
from app.gui.presenter import Presenter
from app.gui.questions import ask_about_closing, ask_about_reset
from app.gui.side_panel import SidePanel
from app.gui.stage import Stage
from app.gui.theme import theme
from app.gui.toolbar import Toolbar
from app.gui.transport_bar import TransportBar
from app.gui.widgets.labels import ElidedLabel
from app.live.controller import LiveController
from app.live.opening import DEMO_CLIP, needs_camera
from app.live.saving import SettingsSaver
from app.live.transport import Transport
from app.settings import Settings
from app.sources import holds_videos_alone, is_path

_REPAINT_MS = 15  # twice for every picture of a camera at 30 frames a second
_FIGURES_MS = 500
_ZOOM_STEP = 1.25
_SIZE = QSize(1280, 800)
_SHARE_OF_SCREEN = 0.92


class MainWindow(QMainWindow):
    """All of the window.

    Attributes:
        rebuild_wanted: Emitted when the language has changed and the window should be made anew.
    """

    rebuild_wanted = pyqtSignal()

    def __init__(self, controller: LiveController, bridge: Bridge, saver: SettingsSaver) -> None:
        super().__init__()
        self.setWindowTitle("Lite-HRNet Live")
        self._controller = controller
        self._saver = saver
        self._awake = KeepAwake()
        self._maximised_before = False
        self._last_url = ""
        settings = controller.settings
        self.commands = Commands(self)
        self.toolbar = Toolbar(self.commands)
        self.picture = PictureView(DrawingStyle.from_settings(settings))
        self.banner = Banner()
        self.stage = Stage(self.picture, self.banner)
        self.transport = TransportBar()
        self.side = SidePanel(settings)
        self.status = ElidedLabel("muted")
        self.footer = self._footer()
        self._lay_out()
        self.presenter = Presenter(self, controller)
        bridge.news.connect(self.presenter.take)
        self._connect()
        self._show_settings(settings)
        self._repaint = self._timer(_REPAINT_MS, self._show_newest)
        self._figures = self._timer(_FIGURES_MS, self.presenter.refresh)
        self._take_a_size()
        self.presenter.catch_up()

    # Layout.

    def _footer(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "footer")
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 5, 14, 5)
        row.addWidget(self.status, 1)
        return frame

    def _lay_out(self) -> None:
        # Tab goes through the controls in the order in which they are put in here.
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        middle = QWidget()
        column.addWidget(middle, 1)
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.stage, 1)
        left.addWidget(self.transport)
        row.addLayout(left, 1)
        row.addWidget(self.side)
        column.addWidget(self.footer)
        self.setCentralWidget(body)
        bar = self.menuBar()
        if bar is not None:
            self.commands.fill(bar)
        self.transport.hide()
        self.picture.setFocus()

    def _take_a_size(self) -> None:
        """As large as suits most screens, and no larger than this one."""
        screen = self.screen()
        room = screen.availableSize() if screen is not None else _SIZE
        self.resize(_SIZE.boundedTo(room * _SHARE_OF_SCREEN))

    def _timer(self, milliseconds: int, deed: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(deed)
        timer.start(milliseconds)
        return timer

    def _connect(self) -> None:
        commands, controller = self.commands, self._controller
        self.picture.drawn.connect(controller.count_latency)
        accept_drops(self, self._open_one_or_process)
        self.picture.full_screen_wanted.connect(commands.full_screen.trigger)
        self.picture.person_chosen.connect(self.side.figures.angles.choose)
        self.side.figures.angles.person_chosen.connect(self.picture.set_chosen)
        self.toolbar.camera_wanted.connect(self.open)
        self.toolbar.model_wanted.connect(self.choose_model)
        self.side.form.changed.connect(self.take_settings)
        self.side.form.reset_wanted.connect(lambda: ask_about_reset(self.banner, self.side.form.reset_to_defaults))
        commands.open_file.triggered.connect(lambda: self._open_asked(ask_file))
        commands.open_folder.triggered.connect(lambda: self._open_asked(ask_folder))
        commands.open_url.triggered.connect(self._open_url)
        commands.open_demo.triggered.connect(lambda: self.open(str(DEMO_CLIP)))
        commands.record.triggered.connect(self._toggle_recording)
        commands.snapshot.triggered.connect(lambda: controller.save_snapshot(self.folder()))
        commands.copy.triggered.connect(controller.copy_picture)
        commands.process.triggered.connect(lambda: self._process_files([]))
        commands.show_folder.triggered.connect(self._show_folder)
        commands.quit.triggered.connect(self.close)
        commands.set_playback_enabled(False)
        commands.play.triggered.connect(self.transport.toggle_play)
        commands.step_forward.triggered.connect(lambda: self._step(1))
        commands.step_back.triggered.connect(lambda: self._step(-1))
        commands.full_screen.toggled.connect(self._set_full_screen)
        commands.escape.triggered.connect(self._escape)
        commands.side_panel.setChecked(True)
        commands.side_panel.toggled.connect(self.side.setVisible)
        commands.zoom_in.triggered.connect(lambda: self.picture.zoom_by(_ZOOM_STEP))
        commands.zoom_out.triggered.connect(lambda: self.picture.zoom_by(1 / _ZOOM_STEP))
        commands.zoom_fit.triggered.connect(self.picture.zoom_to_fit)
        commands.mirror.triggered.connect(lambda on: self._set("window", "mirror_cameras", on))
        for key, action in commands.overlays.items():
            action.triggered.connect(lambda on, key=key: self._set("drawing", key, on))
        commands.themes.triggered.connect(lambda action: self._set("window", "theme", action.data()))
        commands.shortcuts.triggered.connect(lambda: ShortcutsDialog(commands.with_shortcuts(), self).open())
        commands.about.triggered.connect(lambda: AboutDialog(self).open())
        transport = self.transport
        transport.play_wanted.connect(self._play)
        transport.step_wanted.connect(self._step)
        transport.seek_wanted.connect(lambda seconds: self._with_transport(lambda files: files.seek(seconds)))
        transport.speed_wanted.connect(lambda speed: self._with_transport(lambda files: files.set_speed(speed)))
        transport.loop_wanted.connect(lambda loop: self._with_transport(lambda files: files.set_loop(loop)))

    # Settings.

    def take_settings(self, settings: Settings) -> None:
        """Let settings act at once, and keep them."""
        before = self._controller.settings
        self._controller.apply(settings)
        self._saver.save_soon(settings)
        self._show_settings(settings)
        if settings.window.language != before.window.language:
            self.rebuild_wanted.emit()

    def _set(self, section: str, key: str, value: object) -> None:
        settings = self._controller.settings
        changed = getattr(settings, section).model_copy(update={key: value})
        self.take_settings(settings.model_copy(update={section: changed}))

    def choose_model(self, model: str) -> None:
        """Use another weight set, or what a size's name stands for."""
        self._set("pose", "model", model)

    def _show_settings(self, settings: Settings) -> None:
        self.side.form.set_settings(settings)
        self.toolbar.show_model(settings.pose.model)
        self.picture.set_style(DrawingStyle.from_settings(settings))
        self.show_mirroring()
        theme().choose(settings.window.theme)
        self.commands.mirror.setChecked(settings.window.mirror_cameras)
        for key, action in self.commands.overlays.items():
            action.setChecked(getattr(settings.drawing, key))
        for action in self.commands.themes.actions():
            action.setChecked(action.data() == settings.window.theme)

    def show_mirroring(self) -> None:
        """Mirror the picture where it comes from a camera and the user wants that."""
        source = self._controller.source
        camera = source is not None and source.kind == "camera"
        self.picture.set_mirrored(camera and self._controller.settings.window.mirror_cameras)

    # Sources.

    def open(self, spec: str) -> None:
        """Show another source."""
        application = QCoreApplication.instance()
        if application is not None and needs_camera(spec):
            ask_for_cameras(application, lambda: self._controller.open(spec))
        else:
            self._controller.open(spec)

    def _open_one_or_process(self, specs: list[str]) -> None:
        paths = [Path(spec) for spec in specs if is_path(spec)]
        if paths and (len(specs) > 1 or holds_videos_alone(paths[0])):
            self._process_files(paths)
        elif specs:
            self.open(specs[0])

    def _open_asked(self, ask: Callable[[QWidget], str]) -> None:
        spec = ask(self)
        if spec:
            self._open_one_or_process([spec])

    def _open_url(self) -> None:
        url = ask_url(self, self._last_url)
        if url:
            self._last_url = url  # kept nowhere else, for it may hold a password
            self.open(url)

    # Playback and recording.

    def _play(self, play: bool) -> None:
        self._with_transport(lambda files: files.play() if play else files.pause())

    def _step(self, frames: int) -> None:
        self._with_transport(lambda files: files.step(frames))

    def _with_transport(self, deed: Callable[[Transport], None]) -> None:
        transport = self._controller.transport
        if transport is not None:
            deed(transport)
            self.transport.show_playback(transport.playback())

    def folder(self) -> Path:
        """Where recordings and snapshots go."""
        chosen = self._controller.settings.window.folder
        if chosen is not None:
            return chosen
        movies = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
        return Path(movies or Path.home()) / "Lite-HRNet Live"

    def _toggle_recording(self, on: bool) -> None:
        if on:
            self._controller.start_recording(self.folder())
        else:
            self._controller.stop_recording()
        self.presenter.refresh_recording()

    def _process_files(self, paths: list[Path]) -> None:
        dialog = self.findChild(BatchDialog) or BatchDialog(self._controller, self.folder, self)
        dialog.add_paths(paths)
        dialog.show()
        dialog.raise_()

    def _show_folder(self) -> None:
        folder = self.folder()
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    # The picture and the window.

    def _show_newest(self) -> None:
        picture = self._controller.picture_to_draw()
        if picture is not None:
            self.picture.show_picture(picture)
            self.side.figures.take_picture(picture, self._controller.settings.pose.keypoint_threshold)

    def keep_awake(self, on: bool) -> None:
        self._awake.set(on)

    def _set_full_screen(self, on: bool) -> None:
        bar = self.menuBar()
        for part in (bar, self.toolbar, self.footer):
            if part is not None:
                part.setVisible(not on)
        self.side.setVisible(not on and self.commands.side_panel.isChecked())
        source = self._controller.source
        self.transport.setVisible(not on and source is not None and source.has_course)
        self.picture.hide_idle_cursor(on)
        if on:
            self.banner.clear_about("demo")  # a stage needs no explanation
        if on != self.isFullScreen():  # else the window system did it
            self._change_state(on)
        self.presenter.refresh_recording()
        self.picture.setFocus()

    def _change_state(self, full_screen: bool) -> None:
        if full_screen:
            self._maximised_before = self.isMaximized()
            self.showFullScreen()
        elif self._maximised_before:
            self.showMaximized()
        else:
            self.showNormal()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.WindowStateChange and not self.isMinimized():
            self.commands.full_screen.setChecked(self.isFullScreen())

    def event(self, event: QEvent | None) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and _takes_itself(self.focusWidget(), event)
        ):
            event.accept()
            return True
        return super().event(event)

    def _escape(self) -> None:
        """Leave full screen, else close the message over the picture."""
        if self.commands.full_screen.isChecked():
            self.commands.full_screen.setChecked(False)
        elif self.banner.isVisible():
            self.banner.dismiss()

    def take_over(self, former: "MainWindow") -> None:
        """Show what else the window before this one showed."""
        self.presenter.take_over(former.presenter)
        self.side.show_page("settings")
        dialog = former.findChild(BatchDialog)
        if dialog is not None and dialog.isVisible():
            self._process_files(dialog.paths if self._controller.batch is None else [])

    def put_away(self) -> None:
        """Show no more: another window goes on with the work."""
        self._rest()
        self.hide()

    def _rest(self) -> None:
        self._repaint.stop()
        self._figures.stop()
        self._awake.set(False)

    def _close(self) -> None:
        self.close()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        if event is not None and self._controller.processes and self.banner.standing()[-1:] != ["closing"]:
            event.ignore()
            ask_about_closing(self.banner, self._close)
            return
        self._rest()
        super().closeEvent(event)


def _takes_itself(control: QWidget | None, key: QKeyEvent) -> bool:
    """Whether a key belongs to the control that has the focus, and not to the window.

    The space bar presses a button, where elsewhere it plays and pauses; letters and digits choose in a list, where
    elsewhere they switch overlays; what is selected in a text is copied, where elsewhere the picture is.
    """
    if isinstance(control, QComboBox) and _is_typed(key):
        return True
    if key.key() == Qt.Key.Key_Space:
        return isinstance(control, QAbstractButton)
    if key.matches(QKeySequence.StandardKey.Copy):
        return isinstance(control, QPlainTextEdit) and control.textCursor().hasSelection()
    return False


def _is_typed(key: QKeyEvent) -> bool:
    """Whether a key alone stands for a letter, a digit or the like."""
    alone = key.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    return alone and key.text() != "" and key.text().isprintable()
