"""Plot of accuracy against images seen: `python -m model.training.curve LOG.csv [LOG.csv ...] --output PLOT.png`."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from model.errors import DatasetError, UserError

_FIGURES = {"AP": "AP", "oks": "mean OKS", "AP50": "AP50", "PCKh": "PCKh"}
"""Columns of a log, and what they are called. A pose network's AP50 says little beside its AP, and is left out."""


def read_curves(log: Path) -> tuple[list[float], dict[str, list[float]]]:
    """Images seen, and figures by name, from a run's metrics.csv: AP and mean OKS or PCKh of joints, or AP50 of boxes.

    Raises:
        DatasetError: The file is absent or is no such table.
    """
    try:
        with log.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        images = [float(row["images"]) for row in rows]
        columns = [name for name in _FIGURES if name in rows[0] and (name != "AP50" or "AP" not in rows[0])]
        figures = {_FIGURES[name]: [float(row[name]) for row in rows] for name in columns}
    except OSError as error:
        raise DatasetError(f"cannot read {log}: {error.strerror}; check the path") from error
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{log} is not a run's metrics.csv ({type(error).__name__}: {error})") from error
    if not figures:
        raise DatasetError(f"{log} is not a run's metrics.csv: it has none of {', '.join(_FIGURES)}")
    return images, figures


def draw_curves(logs: list[Path], output: Path) -> None:
    """Draw the figures of each log into a picture: the first solid, the second dashed.

    Raises:
        DatasetError: A log cannot be read, or the picture not written.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), dpi=120, layout="constrained")
    for log in logs:
        images, figures = read_curves(log)
        colour = None
        for (name, values), style in zip(figures.items(), ("-o", "--."), strict=False):
            (line,) = axes.plot(images, values, style, color=colour, markersize=3, label=f"{log.stem}: {name}")
            colour = line.get_color()
    axes.set_xlabel("images seen")
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    axes.legend()
    try:
        figure.savefig(output)
    except OSError as error:
        raise DatasetError(f"cannot write {output}: {error.strerror}; check the folder") from error
    except ValueError as error:  # an ending that is none of a picture's
        raise DatasetError(f"cannot write {output}: {error}") from error
    finally:
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
