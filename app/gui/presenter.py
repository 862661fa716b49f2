"""From news of the live threads to what the window shows."""

from __future__ import annotations

from functools import singledispatchmethod
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices, QGuiApplication

from app.gui.banner import Action
from app.gui.failure_texts import in_the_windows_words
from app.gui.model_texts import model_line, set_name, weights_text
from app.gui.rendering import to_qimage
from app.gui.source_texts import mode_text, spec_text
from app.gui.texts import tr
from app.gui.toolbar import recording_line
from app.gui.transport_bar import clock
from app.live import news
from app.live.controller import LiveController
from app.live.networks import with_networks_of
from app.live.opening import ANY_CAMERA, DEMO_CLIP, asked_mode
from app.live.reader import PICTURE_S
from app.recommendation import better_here
from model.zoo import resolve

if TYPE_CHECKING:
    from app.gui.window import MainWindow

# What the message is about that a news brings, where it stays until it is settled or closed.
_ABOUT: dict[type, str] = {
    news.SourceOpened: "demo",
    news.SourceLost: "source",
    news.SourceDark: "source",
    news.SourceFailed: "source",
    news.ModelFailed: "model",
    news.WeightsMissing: "model",
    news.DownloadProgress: "model",
    news.DownloadEnded: "model",
    news.RecordingEnded: "recording",
    news.SnapshotSaved: "recording",
    news.SettingsFailed: "settings",
    news.Unexpected: "unexpected",
}
_ICONS = {"camera": "camera", "stream": "link", "video": "film", "picture": "snapshot", "pictures": "folder"}


class Presenter:
    """Shows each kind of news in its place; also what is looked up twice a second."""

    def __init__(self, window: MainWindow, controller: LiveController) -> None:
        self._window = window
        self._controller = controller
        self._networks = ""
        self._offered_for: set[str] = set()
        self._told_failures: dict[str, Exception] = {}
        self._last_about: dict[str, news.News] = {}

    def take(self, what: news.News) -> None:
        about = _ABOUT.get(type(what))
        if about is not None:
            self._last_about[about] = what
        self._take(what)

    def catch_up(self) -> None:
        """Show what was told before this window was there."""
        if self._controller.opening is not None:
            self._take(news.SourceOpening(self._controller.opening))
        if self._controller.source is not None:
            self._take(self._controller.source)
        if self._controller.engine_info is not None:
            self._take(news.ModelReady(self._controller.engine_info))
        if self._controller.loading is not None:
            self._take(self._controller.loading)

    def take_over(self, former: Presenter) -> None:
        """Show the messages of the window before this one that wait for the user still."""
        for about in former._window.banner.standing():
            self._controller.sought_camera |= about == "demo"
            if about in former._last_about:
                self.take(former._last_about[about])
            if about == "model" and self._controller.downloads:
                self._show_download()

    def refresh(self) -> None:
        """Show figures, playback and recording as they are now."""
        controller, window = self._controller, self._window
        controller.watch()
        window.side.figures.show_figures(controller.figures())
        self._show_outputs()
        transport = controller.transport
        if transport is not None:
            window.transport.show_playback(transport.playback())
        source = controller.source
        moving = source is not None and (source.is_live or (transport is not None and transport.playback().playing))
        window.keep_awake(moving)
        self.refresh_recording()
        self._show_status()
        if not controller.processes:
            window.banner.clear_about("closing")

    def refresh_recording(self) -> None:
        status = self._controller.recording
        self._window.toolbar.show_recording(status)
        self._window.commands.record.setChecked(status is not None)
        alone = self._window.commands.full_screen.isChecked()  # with no button in sight that tells
        self._window.picture.show_sign(clock(status.elapsed_s) if status is not None and alone else "")
        can_record = self._controller.source is not None and self._controller.engine_info is not None
        self._window.commands.record.setEnabled(can_record or status is not None)
        for action in (self._window.commands.snapshot, self._window.commands.copy):
            action.setEnabled(self._controller.source is not None)

    def _show_outputs(self) -> None:
        states = self._controller.output_states
        self._window.side.figures.sending.show_states(states)
        failed = {name: state.failure for name, state in states.items() if state.failure is not None}
        for name in self._told_failures.keys() - failed.keys():
            self._window.banner.clear_about(name)
        for name, failure in failed.items():
            if failure is not self._told_failures.get(name):
                self._window.banner.show_failure(news.Failure.of(failure), about=name)
        self._told_failures = failed

    def _show_status(self) -> None:
        parts = []
        source, commands = self._controller.source, self._window.commands
        commands.show_camera(None)
        if source is not None:
            got = self._mode_text(source)
            if source.kind == "camera":
                commands.show_camera(source.spec, got)
            parts.append(f"{self._name_of(source)}  {got}")
        if self._networks:
            parts.append(self._networks)
        recording = self._controller.recording
        if recording is not None:
            parts.insert(0, recording_line(recording))
        zoom = self._window.picture.viewport.zoom
        if zoom > 1:
            parts.append(f"{100 * zoom:.0f}%")
        self._window.status.set_whole_text("     ".join(parts))

    def _mode_text(self, source: news.SourceOpened) -> str:
        """Size and rate of a source; of a camera also what was asked for, where that is another."""
        picture = self._controller.newest_picture
        height, width = source.size if picture is None else picture.frame.size  # a camera may change it
        got = mode_text(width, height, source.fps if source.kind != "pictures" else None)
        asked = asked_mode(self._controller.settings.camera) if source.kind == "camera" else None
        if asked is None or (asked.height, asked.width, asked.fps) == (height, width, source.fps):
            return got
        return tr("{got} (asked for: {asked})").format(got=got, asked=mode_text(asked.width, asked.height, asked.fps))

    def _name_of(self, source: news.SourceOpened) -> str:
        if source.spec == str(DEMO_CLIP):
            return tr("Demo clip")
        return self._window.commands.camera_name(source.spec) or source.name

    def _live_name(self, name: str) -> str:
        source = self._controller.source
        return name if source is None else self._name_of(source)

    # Sources.

    @singledispatchmethod
    def _take(self, what: object) -> None:
        raise TypeError(f"no way to show {what!r}")

    @_take.register
    def _(self, what: news.SourceOpening) -> None:
        window, name = self._window, spec_text(what.spec)
        window.toolbar.show_source(name, "camera" if what.spec == ANY_CAMERA or what.spec.isdigit() else "film")
        self._show_no_source(tr("Opening {source}…").format(source=name))
        window.side.figures.begin_source()
        for about in ("source", "demo"):
            window.banner.clear_about(about)

    @_take.register
    def _(self, what: news.SourceOpened) -> None:
        window = self._window
        demo = what.spec == str(DEMO_CLIP)
        name = self._name_of(what)
        window.toolbar.show_source(name, _ICONS[what.kind])
        window.setWindowTitle(f"{name} – Lite-HRNet Live")
        window.show_mirroring()
        window.commands.set_playback_enabled(what.has_course)
        window.transport.show_duration(what.duration_s, PICTURE_S if what.kind == "pictures" else 1 / (what.fps or 25))
        window.transport.setVisible(what.has_course and not window.isFullScreen())
        sought, self._controller.sought_camera = self._controller.sought_camera, False
        if demo and sought and what.refused is not None:
            again = (tr("Try again"), lambda: window.open(ANY_CAMERA))
            other = (tr("Choose a source"), window.toolbar.source.showMenu)
            window.banner.show_failure(what.refused, (again, other), about="demo")
        elif demo and sought:
            window.banner.show_note(
                tr("No camera was found, so this is the demo clip. Connect a camera and choose it under Source."),
                ((tr("Choose a source"), window.toolbar.source.showMenu),),
                about="demo",
            )
        self.refresh()

    @_take.register
    def _(self, what: news.PictureLeftOut) -> None:
        self._tell_in_passing(in_the_windows_words(what.reason))

    @_take.register
    def _(self, what: news.SourceLost) -> None:
        text = tr("No picture comes from {source}: waiting for it. Check its cable or the network.")
        self._window.banner.show_note(text.format(source=self._live_name(what.name)), about="source")

    @_take.register
    def _(self, what: news.SourceDark) -> None:
        text = tr("{source} sends a black picture. Open its cover, or let other programs that use it go.")
        self._window.banner.show_note(text.format(source=self._live_name(what.name)), about="source")

    @_take.register
    def _(self, what: news.SourceBack) -> None:
        self._window.banner.clear_about("source")

    @_take.register
    def _(self, what: news.SourceFailed) -> None:
        window = self._window
        window.toolbar.show_source(tr("Choose a source"), "camera")
        self._show_no_source("")
        again = (tr("Try again"), lambda: window.open(what.spec))
        other = (tr("Choose a source"), window.toolbar.source.showMenu)
        window.banner.show_failure(what.failure, (again, other), about="source")
        self.refresh()

    def _show_no_source(self, message: str) -> None:
        self._window.transport.hide()
        self._window.commands.set_playback_enabled(False)
        self._window.setWindowTitle("Lite-HRNet Live")
        if self._controller.source is None:  # what opened meanwhile may be shown already, a picture only once
            self._window.picture.show_message(message)

    # Networks and their weights.

    @_take.register
    def _(self, what: news.ModelLoading) -> None:
        self._networks = tr("Loading {model}…").format(model=set_name(what.model))
        self._window.picture.show_hint(self._networks)
        self._window.banner.clear_about("model")
        self._show_status()

    @_take.register
    def _(self, what: news.ModelReady) -> None:
        self._window.picture.show_hint("")
        info = what.info
        weights = resolve(info.model)
        self._networks = f"{model_line(weights)}     {info.engine}, {info.device}     {info.detector}"
        self._window.side.figures.show_networks(info, weights, weights.licence)
        self.refresh()
        better = better_here(weights)
        if better is not None and weights.name not in self._offered_for:
            self._offered_for.add(weights.name)
            text = tr("{better} is on this machine, as fast as {model} and more accurate.")
            choose = (tr("Use {better}").format(better=better.name), lambda: self._window.choose_model(better.name))
            self._window.banner.show_note(
                text.format(better=better.name, model=weights.name), (choose,), about="model", passing=True
            )

    @_take.register
    def _(self, what: news.ModelFailed) -> None:
        def again() -> None:
            self._window.take_settings(with_networks_of(self._controller.settings, what.wanted))

        self._window.picture.show_hint("")
        self._networks = ""
        self._give_up_choice()
        self._show_status()
        self._window.banner.show_failure(what.failure, ((tr("Try again"), again),), about="model")

    @_take.register
    def _(self, what: news.WeightsMissing) -> None:
        self._window.picture.show_hint("")
        if self._controller.downloads:  # of these very weights, chosen once more
            self._show_download()
            return
        names = tr(" and ").join(weights_text(weight_set) for weight_set in what.weight_sets)
        text = tr("These weights are not on this machine yet: {names}. Download them?").format(names=names)
        running = self._controller.engine_info
        if running is not None:
            until = tr("Until then {model} and {detector} are used.")
            text = f"{text} {until.format(model=running.model, detector=running.detector)}"
        self._networks = tr("weights missing")
        self._window.banner.show_note(
            text,
            ((tr("Download"), self._download), (tr("Not now"), self._decline)),
            on_close=self._give_up_choice,
            about="model",
        )
        self._show_status()

    def _download(self) -> None:
        self._controller.download_missing()
        if self._controller.downloads:
            self._show_download()
        else:  # the choice has changed meanwhile
            self._window.banner.clear_about("model")

    def _show_download(self) -> None:
        self._window.banner.show_note(
            tr("Downloading…"),
            ((tr("Cancel"), self._controller.cancel_download),),
            on_close=self._controller.cancel_download,
            about="model",
        )
        self._window.banner.show_progress(tr("Downloading…"), 0, None, about="model")

    def _decline(self) -> None:
        self._window.banner.clear_about("model")
        self._give_up_choice()

    def _give_up_choice(self) -> None:
        """Show, and keep, the choice of networks that really run."""
        if self._controller.engine_info is not None:
            self._window.take_settings(self._controller.keep_running_networks())

    @_take.register
    def _(self, what: news.DownloadProgress) -> None:
        done = f"{what.done / 1e6:.1f}"
        size = f"{done} / {what.total / 1e6:.1f} MB" if what.total else f"{done} MB"
        text = tr("Downloading {name}: {size}").format(name=what.name, size=size)
        self._window.banner.show_progress(text, what.done, what.total, about="model")

    @_take.register
    def _(self, what: news.DownloadEnded) -> None:
        self._window.banner.clear_about("model")
        if what.complete:
            self._controller.retry_networks()
        elif what.failure is not None and self._controller.lacks_weights:
            actions = ((tr("Try again"), self._download), (tr("Not now"), self._decline))
            self._window.banner.show_failure(what.failure, actions, about="model", on_close=self._give_up_choice)
        else:
            self._controller.retry_networks()

    # Files.

    @_take.register
    def _(self, what: news.RecordingStarted) -> None:
        self.refresh_recording()

    @_take.register
    def _(self, what: news.RecordingEnded) -> None:
        self.refresh_recording()
        if what.failure is not None:
            self._window.banner.show_failure(what.failure, about="recording")
        elif what.paths:
            self._tell_saved(what.paths[0], goes_on=what.parts > 1)
        else:
            self._tell_in_passing(tr("Nothing was recorded, since no picture came meanwhile."))

    @_take.register
    def _(self, what: news.SnapshotSaved) -> None:
        if what.failure is not None:
            self._window.banner.show_failure(what.failure, about="recording")
        else:
            self._tell_saved(what.path)

    def _tell_saved(self, path: Path, goes_on: bool = False) -> None:
        def show() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

        text = tr("Saved {name} in {folder}")
        if goes_on:
            text = tr("Saved {name} in {folder}. From each change of model on, it goes on in other files there.")
        text = text.format(name=path.name, folder=path.parent)
        self._tell_in_passing(text, ((tr("Show in folder"), show),))

    def _tell_in_passing(self, text: str, actions: tuple[Action, ...] = ()) -> None:
        """Say that something is done; in the picture's corner where the banner waits for an answer."""
        if not self._window.banner.show_note(text, actions, about="recording", passing=True):
            self._window.picture.show_passing(text)

    @_take.register
    def _(self, what: news.PictureDrawn) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setImage(to_qimage(what.image))
            self._tell_in_passing(tr("The picture is on the clipboard."))

    @_take.register
    def _(self, what: news.SettingsFailed) -> None:
        self._window.banner.show_failure(what.failure, about="settings")

    @_take.register
    def _(self, what: news.Unexpected) -> None:
        self._window.banner.show_failure(what.failure, about="unexpected")
