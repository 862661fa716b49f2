"""Plot of accuracy against images seen: `python -m model.training.curve LOG.csv [LOG.csv ...] --output PLOT.png`."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from model.errors import DatasetError, UserError


def read_curve(log: Path) -> tuple[list[float], list[float], list[float]]:
    """Images seen, AP and mean OKS from a run's metrics.csv.

    Raises:
        DatasetError: The file is absent or is no such table.
    """
    try:
        with log.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        images, ap, oks = ([float(row[name]) for row in rows] for name in ("images", "AP", "oks"))
    except OSError as error:
        raise DatasetError(f"cannot read {log}: {error.strerror}; check the path") from error
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{log} is not a run's metrics.csv ({type(error).__name__}: {error})") from error
    return images, ap, oks


def draw_curves(logs: list[Path], output: Path) -> None:
    """Draw AP (solid) and mean OKS (dashed) of each log into a picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), dpi=120, layout="constrained")
    for log in logs:
        images, ap, oks = read_curve(log)
        (line,) = axes.plot(images, ap, marker="o", markersize=3, label=f"{log.stem}: AP")
        axes.plot(images, oks, "--", color=line.get_color(), marker=".", markersize=3, label=f"{log.stem}: mean OKS")
    axes.set_xlabel("images seen")
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(output)
    plt.close(figure)


def main(
    logs: Annotated[list[Path], typer.Argument(help="metrics.csv of runs")],
    output: Annotated[Path, typer.Option(help="The picture")],
) -> None:
    """Plot accuracy against images seen."""
    try:
        draw_curves(logs, output)
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
