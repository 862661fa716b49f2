"""Which networks run, which are being loaded, and how one takes over from the other without a gap."""

import itertools
import threading
from collections.abc import Callable

from app.live.building import Build, Meanwhile, MissingWeightsError
from app.live.inference import InferenceThread
from app.live.news import EngineInfo, Failure, LivePicture, ModelFailed, ModelLoading, ModelReady, Tell, WeightsMissing
from app.live.reader import Arrival
from app.settings import Settings
from app.sources.latest_frame import Latest


def network_names(settings: Settings) -> dict[str, dict[str, str]]:
    """The settings that need other networks when they change."""
    return {
        "pose": settings.pose.model_dump(include={"model", "engine", "device"}),
        "detection": settings.detection.model_dump(include={"detector"}),
    }


def with_networks_of(settings: Settings, other: Settings) -> Settings:
    """Settings with the networks that others name."""
    sections = network_names(other).items()
    return settings.model_copy(
        update={section: getattr(settings, section).model_copy(update=names) for section, names in sections}
    )


class Networks:
    """Runs one pipeline at a time; a new one is loaded while the old one works.

    Args:
        build: Loads networks.
        frames: Where frames wait.
        deliver: Takes every picture with its result; must not wait.
        tell: Takes the news.
        meanwhile: What to run with at first, where nothing runs and what is wanted takes long to load.
    """

    def __init__(
        self,
        build: Build,
        frames: Latest[Arrival],
        deliver: Callable[[LivePicture], None],
        tell: Tell,
        meanwhile: Meanwhile,
    ) -> None:
        self._build = build
        self._meanwhile = meanwhile
        self._frames = frames
        self._ids = itertools.count(1)
        self._deliver = deliver
        self._tell = tell
        self._lock = threading.Lock()
        self._running: InferenceThread | None = None
        self._loading: InferenceThread | None = None
        self._loading_settings: Settings | None = None
        self._loading_for: Settings | None = None
        self._wanted: Settings | None = None
        self._used: Settings | None = None
        self._chosen: Settings | None = None  # for which those came
        self._threads: list[InferenceThread] = []
        self.info: EngineInfo | None = None

    @property
    def choice_that_runs(self) -> Settings | None:
        """Settings that name the running networks; None while none run.

        They name the engine that was chosen, where what stands in for others runs on another one for the moment, unless
        loading that has failed since.
        """
        with self._lock:
            if self._used is None or self._chosen is None:
                return self._used
            chosen = self._chosen.pose.model_dump(include={"engine", "device"})
            return self._used.model_copy(update={"pose": self._used.pose.model_copy(update=chosen)})

    @property
    def loading(self) -> ModelLoading | None:
        """What is being loaded, as it was told; None while nothing is."""
        with self._lock:
            if self._loading is None or self._wanted is None:
                return None
            return ModelLoading(self._wanted.pose.model, self._wanted.detection.detector)

    def use(self, settings: Settings) -> None:
        """Run with these settings: at once where the networks stay, else as soon as others are loaded.

        Settings that are wanted already and could not be loaded are tried again: the user made the same choice once
        more. Where anything else about them has changed, they are not.
        """
        with self._lock:
            names = network_names(settings)
            same = self._wanted is not None and network_names(self._wanted) == names
            runs = self._used is not None and network_names(self._used) == names
            again = settings == self._wanted and not runs and self._loading is None
            self._wanted = settings
            if same and not again:
                for thread in (self._running, self._loading):
                    if thread is not None:
                        thread.apply(settings)
                return
            self._start(settings)

    def retry(self) -> None:
        """Load what is wanted once more, as after its weights have come."""
        with self._lock:
            if self._wanted is not None:
                self._start(self._wanted)

    def stop(self) -> None:
        """Let everything end; does not wait."""
        with self._lock:
            for thread in self._threads:
                thread.stop()
            self._running = self._loading = self._wanted = self._used = None

    def threads(self) -> list[threading.Thread]:
        """Threads that have not ended yet."""
        with self._lock:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            return list(self._threads)

    def _start(self, settings: Settings, at_once: bool = True) -> None:
        """Load settings; `at_once`: others before, where nothing runs and these take long."""
        if self._loading is not None:
            self._loading.stop()
            self._loading = None
        if self._used is not None and network_names(self._used) == network_names(settings) and self._running:
            self._running.apply(settings)  # the choice went back to what runs
            if self.info is not None:
                self._tell(ModelReady(self.info))
            return
        self._loading_for = settings
        quick = self._meanwhile(settings) if at_once and self._running is None else None
        self._loading_settings = settings if quick is None else quick
        self._loading = InferenceThread(
            self._loading_settings,
            self._build,
            self._frames,
            self._ids,
            on_ready=self._ready,
            on_failed=self._failed,
            deliver=self._finished,
        )
        self._tell(ModelLoading(settings.pose.model, settings.detection.detector))
        self._threads = [thread for thread in self._threads if thread.is_alive()] + [self._loading]
        self._loading.start()

    def _ready(self, thread: InferenceThread, info: EngineInfo) -> bool:
        with self._lock:
            if thread is not self._loading:
                return False
            if self._running is not None:
                self._running.stop()
            self._running, self._loading, self.info = thread, None, info
            self._used, self._chosen = self._loading_settings, self._loading_for
            self._tell(ModelReady(info))
            self._go_on_to_what_is_wanted()
            return True

    def _failed(self, thread: InferenceThread, problem: Failure | MissingWeightsError) -> None:
        with self._lock:
            if thread is self._loading:
                self._loading = None
                if self._go_on_to_what_is_wanted():
                    return
            elif thread is self._running:
                self._running = self._used = self.info = None
            else:
                return
            wanted = self._wanted
            if not isinstance(problem, MissingWeightsError):
                self._chosen = None  # for the engine may be to blame: what runs is to go on as it does
        if isinstance(problem, MissingWeightsError):
            self._tell(WeightsMissing(problem.weight_sets))
        elif wanted is not None:
            self._tell(ModelFailed(problem, wanted))

    def _go_on_to_what_is_wanted(self) -> bool:
        """Load what is wanted, if what has been loaded stands in for it."""
        wanted, loaded = self._wanted, self._loading_settings
        if wanted is None or loaded is None or network_names(wanted) == network_names(loaded):
            return False
        self._start(wanted, at_once=False)
        return True

    def _finished(self, thread: InferenceThread, picture: LivePicture) -> None:
        with self._lock:  # so that no result follows one of the networks that took over
            if thread is self._running:
                self._deliver(picture)
