"""`benchmark`: how fast networks, detectors and the whole pipeline are on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.console import (
    check_figures_file,
    fetch_weights,
    print_note,
    print_table,
    progress_bar,
    show_figures,
)
from app.commands.every_detector import build_every_detector
from app.commands.options import (
    DetectorOption,
    DeviceOption,
    EngineOption,
    JsonOption,
    ModelOption,
    ThreadsOption,
    finite,
    refuse_unused,
)
from model.errors import EngineError, UserError

if TYPE_CHECKING:
    import numpy as np

    from app.benchmarking import Timing
    from app.detectors import PersonDetector
    from app.settings import PoseSettings, Settings
    from model.engines import Engine
    from model.zoo import PoseModel

_DEMO = Path(__file__).resolve().parents[2] / "assets" / "demo.mp4"
_FRAME_SIZE = (480, 640)
_DETECTIONS = "whole-frame"  # needs no measuring


def run(
    context: typer.Context,
    model: ModelOption = None,
    detector: DetectorOption = None,
    engine: EngineOption = None,
    device: DeviceOption = None,
    persons: Annotated[int, typer.Option(metavar="N", min=1, max=100, help="People in one batch of crops.")] = 1,
    threads: ThreadsOption = None,
    source: Annotated[
        str | None, typer.Option(metavar="FILE", help="What the whole pipeline runs on. [default: the demo clip]")
    ] = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Take every engine this machine has (or every detector) in turn, in one run."),
    ] = False,
    seconds: Annotated[float, typer.Option(metavar="S", min=0.1, callback=finite, help="Time for each part.")] = 10.0,
    json_path: JsonOption = None,
) -> None:
    """Measure speed: the pose network, the detector, and the whole pipeline by stage.

    With --model or --detector that part alone is measured, else both and the pipeline on a clip. Medians are given,
    after a warm-up; close other programs first.

    **Examples**

    `python main.py benchmark`

    `python main.py benchmark --model balanced --persons 4 --compare`
    """
    from app.detectors import has_choice_of_device
    from app.machine import processor, system
    from app.settings import load_settings
    from app.sources import files_of, open_source

    if compare:
        refuse_unused(context, ["engine"], "--compare takes every engine")
    if model is None and detector is not None:
        unused = ["persons"] if source is not None else ["persons", "engine"]
        refuse_unused(context, unused, "with --detector and no --model the pose network is not measured")
        if source is None and not compare and not has_choice_of_device(detector):
            refuse_unused(context, ["device"], f"{detector} runs on the CPU")
    settings = load_settings(
        overrides={"pose": {"model": model, "engine": engine, "device": device}, "detection": {"detector": detector}}
    )
    check_figures_file(json_path, [] if source is None else files_of(source))
    if source is not None:
        open_source(source).close()  # what cannot be opened is told before anything is measured
    everything = model is None and detector is None
    rows: list[dict[str, Any]] = []
    if everything or model is not None:
        rows += _networks(settings.pose, persons, threads, compare, seconds)
    if everything or detector is not None:
        rows += _detectors(settings, threads, compare and not everything, seconds)
    if everything or source is not None:
        rows.append(_pipeline(source or str(_DEMO), settings, threads, seconds))
    machine = f"{processor()}; {system()}"
    report = {
        "machine": machine,
        "threads": threads,
        "device": rows[0]["device"],
        "rows": rows,
    }
    show_figures(report, json_path, lambda: _print(machine, rows))


def _networks(
    wanted: PoseSettings, persons: int, threads: int | None, compare: bool, seconds: float
) -> list[dict[str, Any]]:
    import numpy as np

    from model.engines import ENGINE_NAMES
    from model.zoo import PoseWeightSet, others_here, resolve_or_random

    pose = resolve_or_random(wanted.model)
    if isinstance(pose, PoseWeightSet):
        fetch_weights(pose)
    else:
        others = ", ".join(others_here(pose))
        here = f"those that are: {others}; " if others else ""
        print_note(
            f"{pose.name} stands for no weights that are here; {here}random ones are used, which changes nothing "
            "about speed"
        )
    names = [name for name in ENGINE_NAMES if name != "auto"] if compare else [wanted.engine]
    engines = _engines(pose, names, wanted.device, threads, required=not compare)
    crops = np.random.default_rng(0).integers(0, 256, (persons, *pose.input_size, 3), np.uint8)
    timings = _time({name: _infer(built, crops) for name, built in engines.items()}, seconds, "network")
    reference = next(iter(engines.values())).infer(crops)
    rows = []
    for name, timing in timings.items():
        difference = float(np.abs(engines[name].infer(crops) - reference).max() / reference.std())
        agreement = difference if compare else None
        rows.append(_row("network", pose.name, name, engines[name].device, persons, timing, agreement=agreement))
    return rows


def _engines(
    pose: PoseModel, names: Iterable[str], device: str, threads: int | None, required: bool
) -> dict[str, Engine]:
    """The engines that this machine has, by their real names."""
    from model.engines import create_engine

    engines: dict[str, Engine] = {}
    for name in names:
        try:
            built = create_engine(pose, name, device, threads)
        except (UserError, ImportError) as error:
            if required:
                raise
            print_note(f"{name} is left out: {error}")
            continue
        engines[built.name] = built
    if not engines:
        raise EngineError(f"no engine here can run {pose.name}; see python main.py doctor")
    return engines


def _infer(engine: Engine, crops: np.ndarray[Any, Any]) -> Callable[[], object]:
    return lambda: engine.infer(crops)


def _detectors(wanted: Settings, threads: int | None, compare: bool, seconds: float) -> list[dict[str, Any]]:
    import numpy as np

    from app.detectors import create_detector, detector_weights

    name, device = wanted.detection.detector, wanted.pose.device
    weights = detector_weights(name)  # which knows a misspelt name, beside all others too
    if compare:
        detectors = build_every_detector(lambda known: create_detector(known, threads=threads, device=device))
    else:
        if weights is not None:
            fetch_weights(weights)
        built = create_detector(name, threads=threads, device=device)
        detectors = {built.name: built}
    frame = np.random.default_rng(0).integers(0, 256, (*_FRAME_SIZE, 3), np.uint8)
    try:
        timings = _time({known: _detect(built, frame) for known, built in detectors.items()}, seconds, "detector")
    finally:
        for built in detectors.values():
            built.close()
    return [
        _row("detector", known, detectors[known].engine, detectors[known].device, None, timing)
        for known, timing in timings.items()
    ]


def _detect(detector: PersonDetector, frame: np.ndarray[Any, Any]) -> Callable[[], object]:
    return lambda: detector.detect(frame)


def _pipeline(spec: str, settings: Settings, threads: int | None, seconds: float) -> dict[str, Any]:
    import time
    from contextlib import closing

    import numpy as np

    from app.benchmarking import summarise, whole_seconds
    from app.detectors import detector_weights
    from app.pipeline import build_pipeline
    from app.sources import open_source
    from model.zoo import resolve

    for weights in (resolve(settings.pose.model), detector_weights(settings.detection.detector)):
        if weights is not None:
            fetch_weights(weights)
    stages: list[dict[str, float]] = []
    people: list[int] = []
    with (
        open_source(spec) as source,
        closing(build_pipeline(settings, threads)) as pipeline,
        progress_bar("pipeline") as note,
    ):
        begin = time.perf_counter()
        for frame in source:
            result = pipeline.process(frame)
            stages.append(dict(result.timings_ms))
            people.append(len(result.persons))
            elapsed = time.perf_counter() - begin
            note(*whole_seconds(elapsed, seconds))
            if elapsed >= seconds:
                break
    warm = stages[5:] or stages
    timing = summarise([stage["total"] for stage in warm])
    names = [name for name in warm[-1] if name != "total"]
    # Means: a detector that runs on every fifth frame has a median of nothing.
    means = {name: float(np.mean([stage.get(name, 0.0) for stage in warm])) for name in names}
    persons = round(float(np.mean(people)), 1)
    engine = pipeline.estimator.engine
    return _row("pipeline", resolve(settings.pose.model).name, engine.name, engine.device, persons, timing, means)


def _time(subjects: dict[str, Callable[[], object]], seconds: float, what: str) -> dict[str, Timing]:
    from app.benchmarking import time_in_turn

    with progress_bar(what) as note:
        return time_in_turn(subjects, seconds, note)


def _row(
    what: str,
    model: str,
    engine: str,
    device: str,
    persons: float | None,
    timing: Timing,
    stages: dict[str, float] | None = None,
    agreement: float | None = None,
) -> dict[str, Any]:
    return {
        "what": what,
        "model": model,
        "engine": engine,
        "device": device,
        "persons": persons,
        "median_ms": round(timing.median_ms, 3),
        "p95_ms": round(timing.p95_ms, 3),
        "fps": round(timing.fps, 2),
        "stages_ms": {name: round(value, 3) for name, value in (stages or {}).items()},
        "agreement": agreement,
    }


def _print(machine: str, rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    print(machine)
    table = Table()
    for heading in ("part", "model", "engine", "device"):
        table.add_column(heading)
    for heading in ("people", "median ms", "95% ms", "per second", "differs by"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row["what"],
            row["model"],
            row["engine"],
            row["device"],
            "" if row["persons"] is None else f"{row['persons']:g}",
            f"{row['median_ms']:.1f}",
            f"{row['p95_ms']:.1f}",
            f"{row['fps']:.1f}",
            "" if row["agreement"] is None else f"{row['agreement']:.1e}",
        )
    print_table(table)
    for row in rows:
        if row["stages_ms"]:
            parts = ", ".join(f"{name} {value:.1f}" for name, value in row["stages_ms"].items())
            print(f"{row['what']}, mean milliseconds a frame: {parts}")
