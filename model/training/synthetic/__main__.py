"""Command line of the synthetic data: `python -m model.training.synthetic`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from model.errors import UserError

app = typer.Typer(help="Render people with true keypoints.", no_args_is_help=True, add_completion=False)
_console = Console(stderr=True)


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="The clip; its keypoints go beside it, as NAME_keypoints.json")],
) -> None:
    """Render the demo clip: two people who walk, wave and turn."""
    from model.training.synthetic.demo import FRAMES, write_demo

    _run(write_demo(output), FRAMES, f"Rendering {output.name}")


@app.command()
def pictures(
    output: Annotated[Path, typer.Option(help="Folder for images/ and annotations.json")],
    count: Annotated[int, typer.Option(min=1, help="How many pictures")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Of the people, poses, places and light")] = 0,
) -> None:
    """Render pictures of random people for training, with COCO-format annotations."""
    from model.training.synthetic.pictures import write_pictures

    _run(write_pictures(output, count, seed), count, f"Rendering into {output}")


def _run(steps: Iterable[int], total: int, description: str) -> None:
    try:
        for _ in track(steps, description, total, console=_console):
            pass
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    app()
