"""`process`: skeletons for videos, pictures, folders, a camera or a stream."""

from __future__ import annotations

import time
import traceback
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.console import STDOUT, fetch_weights, print_error, print_note, stderr_bars, stopping_on_request
from app.commands.options import DetectorOption, DeviceOption, EngineOption, ModelOption, finite
from model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.address import Address
    from app.drawing import DrawingStyle
    from app.live_outputs.sender import Sender
    from app.outputs import Networks, OutputNames
    from app.pipeline import PosePipeline
    from app.results import FrameResult
    from app.settings import Settings
    from app.sources import Source


def _file_or_folder(path: Path | None) -> Path | None:
    """An output's path, unless it is the standard output, which other options take by this name.

    Raises:
        typer.BadParameter: It is.
    """
    if path == STDOUT:
        raise typer.BadParameter("it does not go to the standard output; name a file or a folder")
    return path


def run(
    inputs: Annotated[list[str], typer.Argument(help="Videos, pictures, folders, a camera's number or a URL.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|DIR",
            callback=_file_or_folder,
            help="Video or picture with the skeletons drawn in.",
        ),
    ] = None,
    keypoints: Annotated[
        Path | None,
        typer.Option(
            "--keypoints",
            "-k",
            metavar="FILE|DIR",
            callback=_file_or_folder,
            help="Joints as .jsonl, .csv or COCO .json.",
        ),
    ] = None,
    angles: Annotated[
        Path | None,
        typer.Option(
            "--angles",
            metavar="FILE|DIR",
            callback=_file_or_folder,
            help="Degrees at elbows, shoulders, hips and knees, as a .csv table.",
        ),
    ] = None,
    osc: Annotated[
        str | None, typer.Option("--osc", metavar="HOST:PORT", help="Send joints there as OSC bundles over UDP.")
    ] = None,
    websocket: Annotated[
        str | None,
        typer.Option(
            "--websocket",
            metavar="[HOST:]PORT",
            help="Send joints as JSON to whoever connects there; on this machine alone, unless a host is given.",
        ),
    ] = None,
    virtual_camera: Annotated[
        bool, typer.Option("--virtual-camera", help="Show the drawn picture as a camera that other programs can use.")
    ] = False,
    model: ModelOption = None,
    detector: DetectorOption = None,
    device: DeviceOption = None,
    engine: EngineOption = None,
    detect_every: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=300, help="Look for people every N frames; in between, follow them."),
    ] = None,
    no_smoothing: Annotated[bool, typer.Option("--no-smoothing", help="Keep joints as found in each frame.")] = False,
    keypoint_threshold: Annotated[
        float | None, typer.Option(metavar="T", min=0.0, max=1.0, help="Draw joints scored at least this, 0 to 1.")
    ] = None,
    person_threshold: Annotated[
        float | None,
        typer.Option(metavar="T", min=0.0, max=1.0, help="Take on people scored at least this, 0 to 1."),
    ] = None,
    max_persons: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=100, help="Follow at most so many people.")
    ] = None,
    duration: Annotated[
        float | None,
        typer.Option(metavar="S", min=0.001, max=1e7, callback=finite, help="Stop after so many seconds of the input."),
    ] = None,
) -> None:
    """Find people and their joints in files, folders, a camera or a stream.

    Ctrl-C ends early and leaves files that play and can be read. With --osc, --websocket or --virtual-camera, a video
    runs no faster than it should be seen.

    **Examples**

    `python main.py process dance.mp4 --output dance-pose.mp4 --keypoints dance.jsonl`

    `python main.py process holiday-pictures clip.mov --output results --keypoints results`

    `python main.py process 0 --duration 60 --output camera.mp4`

    `python main.py process 0 --osc 127.0.0.1:9000 --websocket 8765`
    """
    wanted = (output, keypoints, angles, osc, websocket)
    if not virtual_camera and all(option is None for option in wanted):
        raise typer.BadParameter("nothing to make; give --output, --keypoints or another one", param_hint="--output")
    from app.errors import OutputError
    from app.outputs import OutputNames
    from app.settings import load_settings
    from app.sources import files_of

    settings = load_settings(
        overrides={
            "pose": {"model": model, "engine": engine, "device": device, "keypoint_threshold": keypoint_threshold},
            "detection": {
                "detector": detector,
                "every_n": detect_every,
                "person_threshold": person_threshold,
                "max_persons": max_persons,
            },
            "smoothing": {"enabled": False if no_smoothing else None},
        }
    )
    specs, failures = _expand(inputs)
    total = len(specs) + failures
    names = OutputNames(output, keypoints, angles, total)
    names.spare(file for spec in specs for file in files_of(spec))
    receiver, server = _address(osc, "--osc"), _address(websocket, "--websocket")
    with (
        stopping_on_request("what was found so far is being written"),
        _live_outputs(receiver, server, virtual_camera) as senders,
    ):
        pipeline, networks = _load(settings)
        with closing(pipeline):
            from app.drawing import DrawingStyle

            style = DrawingStyle.from_settings(settings)
            for spec in specs:
                try:
                    complete = _process(spec, names, senders, pipeline, networks, style, duration)
                except OutputError:  # of no one input's making, as below
                    raise
                except UserError as error:
                    if total == 1:
                        raise
                    print_error(str(error))
                    complete = False
                except (ImportError, BrokenPipeError):  # of no one input's making
                    raise
                except Exception as error:  # a fault of the program, told with where it is; the others go on
                    if total == 1:
                        raise
                    traceback.print_exc()
                    print_error(f"{spec}: an unexpected error occurred: {error or type(error).__name__}")
                    complete = False
                failures += not complete
    if failures:
        if total > 1:
            print_note(f"{failures} of {total} inputs failed, wholly or in part")
        raise typer.Exit(2)


def _address(text: str | None, option: str) -> Address | None:
    from app.address import Address

    try:
        return None if text is None else Address.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


@contextmanager
def _live_outputs(osc: Address | None, websocket: Address | None, virtual_camera: bool) -> Iterator[list[Sender]]:
    """The outputs that were asked for, open, each with a line that tells where to find it."""
    from app.live_outputs.opening import open_osc, open_virtual_camera, open_websocket
    from app.live_outputs.sender import Sender

    with ExitStack() as stack:
        senders = []
        if osc is not None:
            senders.append(stack.enter_context(Sender("OSC", lambda: open_osc(osc))))
        if websocket is not None:
            senders.append(stack.enter_context(Sender("WebSocket", lambda: open_websocket(websocket))))
        if virtual_camera:
            senders.append(stack.enter_context(Sender("virtual camera", open_virtual_camera)))
        for sender in senders:
            sender.wait_until_open()
            print_note(f"sending to {sender.state().address}")
        yield senders


def _expand(inputs: list[str]) -> tuple[list[str | Path], int]:
    """What the inputs stand for, and how many stand for nothing."""
    from app.sources import expand_input

    specs: list[str | Path] = []
    failures = 0
    for spec in inputs:
        try:
            specs += expand_input(spec)
        except UserError as error:
            if len(inputs) == 1:
                raise
            print_error(str(error))
            failures += 1
    return specs, failures


def _load(settings: Settings) -> tuple[PosePipeline, Networks]:
    """The pipeline, with weights fetched where they are absent, and what it runs."""
    from app.outputs import Networks
    from app.pipeline import build_pipeline
    from model.zoo import resolve

    settings = _with_weights(settings)
    pipeline = build_pipeline(settings)
    return pipeline, Networks(resolve(settings.pose.model).name, pipeline.detector.name, pipeline.estimator.skeleton)


def _with_weights(settings: Settings) -> Settings:
    """The settings once their weights are here; where a default cannot be fetched, with what comes along in its place.

    Raises:
        WeightsError: Weights that were named cannot be fetched.
    """
    from app.detectors import detector_weights
    from app.stand_ins import with_built_in
    from model.errors import WeightsError
    from model.zoo import resolve

    pose, detector = resolve(settings.pose.model), detector_weights(settings.detection.detector)
    for name, weight_set in ((settings.pose.model, pose), (settings.detection.detector, detector)):
        if weight_set is None:
            continue
        try:
            fetch_weights(weight_set)
        except WeightsError as error:
            if name != "default":
                raise
            settings = with_built_in(settings, [weight_set])
            stand_in = settings.pose.model if weight_set is pose else settings.detection.detector
            print_note(f"note: {error}")
            print_note(f"note: {stand_in}, which comes along and is less accurate, is used instead")
    return settings


def _process(
    spec: str | Path,
    names: OutputNames,
    senders: list[Sender],
    pipeline: PosePipeline,
    networks: Networks,
    style: DrawingStyle,
    duration_s: float | None,
) -> bool:
    """Process one input; whether all of it could be read."""
    from app.outputs import Outputs
    from app.processing import process_source
    from app.sources import open_source
    from app.sources.pictures import PictureFolderSource

    with open_source(spec) as source:
        tally = _Tally()
        outputs = Outputs(source, names.choose(source), senders, style, networks)
        outputs.check()
        try:
            with outputs, _frames_bar(source, duration_s) as advance:

                def note(result: FrameResult) -> None:
                    tally.add(result)
                    advance()

                process_source(
                    source, pipeline, outputs.write, duration_s=duration_s, on_result=note, on_break=outputs.hurry
                )
        finally:
            for lost in outputs.lost:
                print_note(f"{lost}; the files went on without it")
            print_note(tally.summary(source, outputs.written))
        unreadable = source.errors if isinstance(source, PictureFolderSource) else []
        for error in unreadable:
            print_error(error)
        return not unreadable


class _Tally:
    """What was done, for the line at the end."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()
        self._frames = 0
        self._people: set[int] = set()

    def add(self, result: FrameResult) -> None:
        self._frames += 1
        self._people |= {person.track_id for person in result.persons}

    def summary(self, source: Source, written: list[Path]) -> str:
        seconds = time.perf_counter() - self._begin
        speed = f", {self._frames / seconds:.1f} frames/s" if seconds > 1 else ""
        frames = "1 frame" if self._frames == 1 else f"{self._frames} frames"
        damaged = f", {source.damaged_frames} damaged left out" if source.damaged_frames else ""
        people = "1 person" if len(self._people) == 1 else f"{len(self._people)} people"
        files = ", ".join(str(path) for path in written[:2]) + (f" and {len(written) - 2} more" if written[2:] else "")
        made = f" -> {files}" if written else ""
        return f"{source.name}: {frames}{damaged}, {people}, {seconds:.1f} s{speed}{made}"


@contextmanager
def _frames_bar(source: Source, duration_s: float | None) -> Iterator[Callable[[], None]]:
    """A bar on stderr with frames, speed and time left."""
    from rich.progress import MofNCompleteColumn, ProgressColumn, TimeRemainingColumn
    from rich.progress import Task as RichTask
    from rich.text import Text

    class SpeedColumn(ProgressColumn):
        def render(self, task: RichTask) -> Text:
            return Text("" if task.speed is None else f"{task.speed:.1f} frames/s")

    total = source.frame_count
    if duration_s is not None and source.fps is not None:
        allowed = max(1, round(duration_s * source.fps))
        total = allowed if total is None else min(total, allowed)
    with stderr_bars(MofNCompleteColumn(), SpeedColumn(), TimeRemainingColumn()) as bars:
        task = bars.add_task(source.name, total=total)
        yield lambda: bars.advance(task)
