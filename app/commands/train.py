"""`train`: train a pose network as a configuration says, or go on with a run."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.console import print_note, stderr_bars, stopping_on_request

if TYPE_CHECKING:
    from model.training.progress import Progress, Report

_REFRESH_S = 0.5


def run(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="What to train, on what, and how.")],
    max_minutes: Annotated[
        float | None,
        typer.Option("--max-minutes", metavar="M", min=0.1, help="Save and stop after M minutes; run again to go on."),
    ] = None,
) -> None:
    """Train a pose network, or go on with a run where it stopped.

    The run's folder (runs/NAME) gets its configuration, code revision, metrics, curves for TensorBoard, pictures of
    predictions and weights. Ctrl-C saves it and ends; a run that was killed goes on from its last save. On several
    GPUs: `torchrun --nproc-per-node N main.py train CONFIG.yaml`.
    """
    from model.training.config_file import load_config
    from model.training.train import train

    settings = load_config(config)
    with stopping_on_request("the run is being saved"), _Display() as display:
        folder = train(settings, display.report(), max_minutes)
    if _is_first_process():
        print(folder)


def _is_first_process() -> bool:
    """Whether this is the process, among those that torchrun started, that reports."""
    return os.environ.get("RANK", "0") == "0"


class _Display:
    """A bar with images a second, losses and time left, on stderr; metrics are printed as they come."""

    def __enter__(self) -> _Display:
        from rich.progress import MofNCompleteColumn, TextColumn

        note = TextColumn("{task.fields[note]}")
        self._bars = stderr_bars(MofNCompleteColumn(), note, disable=not _is_first_process())
        self._bars.start()
        self._tasks: dict[str, Any] = {}
        self._shown = 0.0
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def report(self) -> Report:
        from model.training.progress import Report

        return Report(on_step=self._step, on_metrics=self._metrics, on_decode=self._decode)

    def _update(self, name: str, done: int, total: int, note: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total, note=note)
        self._bars.update(self._tasks[name], completed=done, total=total, note=note)

    def _decode(self, name: str, done: int, total: int) -> None:
        self._update(f"decoding {name}", done, total, "pictures")

    def _step(self, progress: Progress) -> None:
        # Reading the loss makes a GPU wait, so not at every step.
        if time.monotonic() - self._shown < _REFRESH_S and progress.images < progress.total:
            return
        self._shown = time.monotonic()
        left = _hours_minutes(progress.seconds_left)
        note = f"{progress.images_per_second:.1f} images/s  loss {float(progress.losses['loss']):.3f}  {left} left"
        self._update(f"phase {progress.phase + 1}", progress.images, progress.total, note)

    def _metrics(self, metrics: dict[str, float]) -> None:
        print_note("  ".join(f"{name} {value:.6g}" for name, value in metrics.items()))


def _hours_minutes(seconds: float) -> str:
    minutes = round(min(seconds, 1e7) / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"
