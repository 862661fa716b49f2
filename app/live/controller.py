"""What the window commands: one source, one pipeline, one recording and one download at a time."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from app.live.batch import Batch, BatchChoice
from app.live.building import Build, Meanwhile, build
from app.live.download import Download
from app.live.meter import Figures, LiveRates
from app.live.networks import Networks, with_networks_of
from app.live.news import (
    EngineInfo,
    LivePicture,
    ModelLoading,
    ModelReady,
    News,
    SourceFailed,
    SourceOpened,
    Tell,
    WeightsMissing,
)
from app.live.opening import ANY_CAMERA, may_share_device, needs_camera, open_named
from app.live.reader import Arrival, Opened, Reader
from app.live.recorder import Recorder, RecordingStatus
from app.live.sending import Sending
from app.live.snapshot import draw_picture, save_snapshot
from app.live.transport import Transport
from app.live_outputs.sender import SenderState
from app.settings import CameraSettings, OutputSettings, Settings
from app.sources.latest_frame import Latest
from model.zoo import WeightSet

_CLOSE_S = 1.5  # how long closing waits for threads to end by themselves
_FINISH_S = 60.0  # and for those that write: what waits for a slow disk or encoder is not lost


class LiveController:
    """Commands and state of the live view. Methods return at once; what comes of them is told as news.

    All methods are the window's thread's; `close` alone waits, for a bounded time.

    Args:
        settings: What to begin with.
        tell: Takes the news, on any thread.
        opener: Opens what the user named, asking the settings' mode of a camera.
        build: Loads networks.
        meanwhile: What to run with at first, where what is chosen takes long to load.
    """

    def __init__(
        self,
        settings: Settings,
        tell: Tell,
        *,
        opener: Callable[[str, CameraSettings], Opened] = open_named,
        build: Build = build,
        meanwhile: Meanwhile = lambda settings: None,
    ) -> None:
        self._settings = settings
        self._listener = tell
        self._opener = opener
        self._build = build
        self._frames: Latest[Arrival] = Latest()
        # Held so that an older frame never replaces a newer one, nor one of a source that was let go of shows.
        self._offering = threading.Lock()
        self._networks = Networks(build, self._frames, self._take_result, self._tell, meanwhile)
        self._readers: list[Reader] = []
        self._source_number = 0
        self._source: SourceOpened | None = None
        self._opening: str | None = None
        self._newest: Arrival | None = None
        self._picture: LivePicture | None = None
        self._drawn: LivePicture | None = None
        self._dropped_before = 0
        self._recorder: Recorder | None = None
        self._recorders: list[Recorder] = []
        self._snapshots: list[threading.Thread] = []
        self._sending = Sending()
        self._download: Download | None = None
        self.batch: Batch | None = None
        self._missing: tuple[WeightSet, ...] = ()
        self._rates = LiveRates()
        self._closed = False
        self.sought_camera = False  # and whoever opened the source has not yet been told what was found

    # Networks and settings.

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def engine_info(self) -> EngineInfo | None:
        """What runs now; None until the first networks are loaded."""
        return self._networks.info

    @property
    def loading(self) -> ModelLoading | None:
        """Networks that are being loaded; None while none are."""
        return self._networks.loading

    def apply(self, settings: Settings) -> None:
        """Take over settings; other networks are loaded while the present ones go on."""
        mode_changed = settings.camera != self._settings.camera
        self._settings = settings
        spec = self._opening  # looked at first: the reader's thread clears it once the source is there
        source = self._source  # which a source that fails takes away, on a thread of its own
        if spec is None and source is not None:
            spec = source.spec
        if mode_changed and spec is not None and needs_camera(spec):
            self.open(spec)
        self._networks.use(settings)
        self._sending.use(settings.outputs)
        self._repeat_if_still()

    def keep_running_networks(self) -> Settings:
        """Give up a choice of networks that could not be loaded; the settings then name those that run."""
        running = self._networks.choice_that_runs
        if running is not None:
            self._settings = with_networks_of(self._settings, running)
            self._networks.use(self._settings)
        return self._settings

    def start_batch(self, paths: tuple[Path, ...], choice: BatchChoice) -> None:
        """Process files whole, with the settings of now; one such batch at a time.

        Where weights that they name are missing, it is done with the networks that run meanwhile.
        """
        if not self.processes:
            self.batch = Batch(paths, choice, self._settings, self._build, self._networks.choice_that_runs)
            self.batch.start()

    @property
    def lacks_weights(self) -> bool:
        """Whether the chosen networks need weights that are not here."""
        return bool(self._missing)

    def download_missing(self) -> None:
        """Fetch the weights that the chosen networks lack, if they lack any."""
        if self._missing and not self.downloads:
            self._download = Download(self._missing, self._tell, self._download)
            self._download.start()

    @property
    def processes(self) -> bool:
        """Whether files are being processed."""
        return self.batch is not None and self.batch.is_alive()

    @property
    def downloads(self) -> bool:
        """Whether a download is under way that is wanted still."""
        return self._download is not None and self._download.is_alive() and not self._download.gives_way

    def cancel_download(self) -> None:
        if self._download is not None:
            self._download.cancel()

    def retry_networks(self) -> None:
        self._networks.retry()

    # Source.

    @property
    def source(self) -> SourceOpened | None:
        """What frames come from; None until it is open."""
        return self._source

    @property
    def opening(self) -> str | None:
        """What is being opened, as the user named it; None while nothing is."""
        return self._opening

    @property
    def transport(self) -> Transport | None:
        """Commands for a file; None where the source is live or none is open."""
        source = self._source
        if source is None or source.is_live or not self._readers:
            return None
        return self._readers[-1].transport

    def open(self, spec: str) -> None:
        """Show another source: a camera's index, a file, a folder, a URL or ANY_CAMERA."""
        self.close_source()
        self._opening = spec
        self.sought_camera = spec == ANY_CAMERA
        camera = self._settings.camera
        reader = Reader(self._source_number, spec, lambda: self._opener(spec, camera), self._take_frame, self._tell)
        self._readers = [former for former in self._readers if former.is_alive()]
        # Not the last one alone: a camera that was left for a file may not be free yet.
        reader.start_after([former for former in self._readers if may_share_device(former.spec, spec)])
        self._readers.append(reader)
        reader.start()

    def close_source(self) -> None:
        """Let go of the source; a recording of it ends."""
        self.stop_recording()
        for reader in self._readers:
            reader.stop()
        self._forget_source()

    def _forget_source(self) -> None:
        with self._offering:
            self._source_number += 1  # what is made of its frames still comes too late
            self._source = self._opening = self._newest = self._picture = self._drawn = None
            self._frames.take(0)
        self._dropped_before = self._frames.dropped
        self._rates.reset()

    def watch(self) -> None:
        """Look after what can fall silent; to be called a few times a second."""
        if self._readers:
            self._readers[-1].watch()

    # Pictures and figures.

    @property
    def newest_picture(self) -> LivePicture | None:
        """What is shown, or about to be; None before the first frame."""
        return self._picture

    def picture_to_draw(self) -> LivePicture | None:
        """The newest picture, once; None where it was drawn already."""
        picture = self._picture
        if picture is None or picture is self._drawn:
            return None
        self._drawn = picture
        self._rates.display.count()
        return picture

    def count_latency(self, picture: LivePicture) -> None:
        """A picture is on the screen now."""
        source = self._source
        if source is not None and (source.is_live or self._plays()):
            self._rates.latency.add(time.perf_counter() - picture.captured_at)

    def figures(self) -> Figures:
        picture = self._picture
        return Figures(
            self._rates.display.rate(),
            self._rates.capture.rate(),
            self._rates.inference.rate(),
            self._rates.latency.mean_s(),
            self._frames.dropped - self._dropped_before if self._networks.info is not None else 0,
            len(picture.result.persons) if picture is not None and picture.result is not None else 0,
        )

    # Recording.

    @property
    def recording(self) -> RecordingStatus | None:
        """How the recording goes; None where there is none."""
        recorder = self._recorder  # which a source that fails takes away, on a thread of its own
        return recorder.status() if recorder is not None and recorder.is_alive() else None

    def start_recording(self, folder: Path) -> None:
        """Record people and picture from now on, a frame that stands still too, into files named by the time."""
        source = self._source
        if self.recording is not None or source is None or self._networks.info is None:
            return
        recorder = Recorder(folder, source, self._settings, self._tell)
        with self._offering:
            if self._source is not source:
                return  # it failed meanwhile, and nobody would end a recording of it
            self._recorder = recorder
        self._recorders = [former for former in self._recorders if former.is_alive()] + [recorder]
        recorder.start()
        picture = self._picture
        stands = source.kind == "pictures" or not (source.is_live or self._plays())
        if picture is not None and stands:
            recorder.offer(picture)

    def stop_recording(self) -> None:
        """End the recording; its files are whole when RecordingEnded is told."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.stop()

    @property
    def output_states(self) -> dict[str, SenderState]:
        """How each live output does that is on."""
        return self._sending.states()

    def save_snapshot(self, folder: Path) -> None:
        """Write the newest picture with its people as PNG."""
        picture = self._picture
        if picture is not None:
            snapshot = save_snapshot(picture, self._settings, folder, self._tell)
            self._snapshots = [former for former in self._snapshots if former.is_alive()] + [snapshot]

    def copy_picture(self) -> None:
        """Draw the newest picture with its people; it comes as news."""
        picture = self._picture
        if picture is not None:
            draw_picture(picture, self._settings, self._tell)

    def close(self) -> bool:
        """End all threads. Waits until files are whole, and a moment for the rest.

        Returns:
            Whether all have ended; a thread that a device blocks ends with the process.
        """
        self._closed = True
        self.close_source()
        self.cancel_download()
        if self.batch is not None:
            self.batch.cancel()
        self._networks.stop()
        self._sending.use(OutputSettings())
        begin = time.perf_counter()
        for patience_s, threads in ((_FINISH_S, self._writers()), (_CLOSE_S, self.threads())):
            for thread in threads:
                thread.join(max(begin + patience_s - time.perf_counter(), 0.0))
        return not self.threads()

    def threads(self) -> list[threading.Thread]:
        """Threads of this controller that have not ended yet."""
        single = [thread for thread in (self._download, self.batch) if thread is not None]
        files: list[threading.Thread] = [*self._recorders, *self._snapshots]
        own: list[threading.Thread] = [*files, *self._readers, *single, *self._sending.threads()]
        return [thread for thread in own if thread.is_alive()] + self._networks.threads()

    def _writers(self) -> list[threading.Thread]:
        writers: list[threading.Thread] = [*self._recorders, *self._snapshots]
        if self.batch is not None and any(job.state == "working" for job in self.batch.jobs()):
            writers.append(self.batch)
        return writers

    # On the threads.

    def _take_frame(self, arrival: Arrival) -> None:
        with self._offering:
            if arrival.source != self._source_number:
                return
            self._newest = arrival
            self._frames.put(arrival)
            if self._networks.info is None:
                self._picture = LivePicture(arrival.frame, arrival.captured_at, arrival.source, run=arrival.run)
        self._rates.capture.count()

    def _take_result(self, picture: LivePicture) -> None:
        with self._offering:
            if picture.source != self._source_number:
                return
            self._picture = picture
        self._rates.inference.count()
        recorder = self._recorder
        if recorder is not None:
            recorder.offer(picture)
        source, info = self._source, self._networks.info
        if source is not None and info is not None:
            self._sending.offer(source, info, picture, self._settings)

    def _tell(self, news: News) -> None:
        if isinstance(news, SourceOpened):
            self._source, self._opening = news, None
        elif isinstance(news, SourceFailed):
            self._forget_source()  # first, so that no recording of it begins any more
            self.stop_recording()
        elif isinstance(news, WeightsMissing):
            self._missing = news.weight_sets
            if self._download is not None and self._download.weight_sets != news.weight_sets:
                self._download.give_way()
        elif isinstance(news, ModelReady):
            self._missing = ()
            self._repeat_newest()
        if not self._closed:
            self._listener(news)

    def _plays(self) -> bool:
        return self.transport is not None and self.transport.playback().playing

    def _repeat_if_still(self) -> None:
        """A paused file or a picture sends no frame by itself: show what the new settings make of the last one."""
        if not self._plays():
            self._repeat_newest()

    def _repeat_newest(self) -> None:
        """Have the last frame of a file looked at once more; it may be shown for long, and be paused at any moment."""
        with self._offering:
            newest = self._newest
            if newest is not None and self._source is not None and not self._source.is_live:
                self._frames.put(newest)
