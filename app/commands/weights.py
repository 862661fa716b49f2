"""`weights`: which trained weights there are, getting them here, and checking them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.console import fetch_weights, print_table, show_help
from app.commands.options import InputSizeOption
from model.decoding import Decoding

if TYPE_CHECKING:
    from model.zoo import WeightSet

cli = typer.Typer(help="List trained weights, fetch them, check them, or import your own.")
cli.callback(invoke_without_command=True)(show_help)


@cli.command("list")
def list_sets() -> None:
    """List every weight set: what it is for, its size, licence, and where it lies on this machine."""
    from rich.table import Table
    from rich.text import Text

    from model.zoo import CATALOGUE_PATH, all_weight_sets, cache_folder

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("Name", "Finds", "Size", "Here", "Licence"):
        table.add_column(heading, no_wrap=True, justify="right" if heading == "Size" else "left")
    cards: dict[str, None] = {}  # in order, each once
    for weight_set in all_weight_sets():
        licence, _, card = weight_set.licence.partition("; ")
        if card:
            cards[card] = None
            licence += " *"
        cells = weight_set.name, _purpose(weight_set), _size(weight_set), _place(weight_set), licence
        table.add_row(*(Text(cell) for cell in cells))
    print_table(table)
    print("\n* Some of the photographs behind these weights have no stated terms:", *cards, sep="\n  ")
    print(f"\nOrigins, licences and addresses: {CATALOGUE_PATH}\nCache folder: {cache_folder()}")


@cli.command()
def fetch(
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME", help="Names that `weights list` gives, or default, fast, accurate."),
    ],
) -> None:
    """Download weight sets into the cache folder and check them; go on where a download broke off.

    The folder that LITE_HRNET_LIVE_MIRROR names, if any, is searched first. LITE_HRNET_LIVE_CACHE names another cache
    folder than the platform's.
    """
    from model.zoo import resolve_any

    for weight_set in [resolve_any(name) for name in names]:
        paths = fetch_weights(weight_set)
        print(f"{weight_set.name} is in {paths[0].parent}")


@cli.command()
def verify() -> None:
    """Check the content of all weights on this machine against their hashes."""
    from model.errors import WeightsError
    from model.zoo import begun_sets, resolve_any, weight_files

    damaged = []
    names = begun_sets()
    for name in names:
        try:
            folder = weight_files(resolve_any(name))[0].parent
            print(f"ok       {name} in {folder}")
        except WeightsError as error:
            print(f"damaged  {name}: {error}")
            damaged.append(name)
    if damaged:
        raise WeightsError(
            f"{len(damaged)} of {len(names)} weight sets are damaged: {', '.join(damaged)}; fetch or import them again"
        )


@cli.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="The file; of an ncnn or OpenVINO pair either one.")],
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", help="A name of the catalogue, or any other for weights of your own.")
    ],
    network: Annotated[
        str | None, typer.Option(metavar="NETWORK", help="Network of your own weights; left out: told by the file.")
    ] = None,
    keypoints: Annotated[
        int | None, typer.Option(min=1, help="Keypoints of your own weights, 17 or 16; left out: told by the file.")
    ] = None,
    input_size: InputSizeOption = None,
    decoding: Annotated[
        Decoding | None,
        typer.Option(help="How heatmaps of your own weights become keypoints; left out: dark."),
    ] = None,
) -> None:
    """Copy a weight file that you have into the cache folder, once it is seen to fit.

    A name of the catalogue needs no more than the file, whose hash must be right. With any other name it becomes a
    weight set of your own, which --model then takes and `models` lists; a detector becomes one that --detector takes.

    Formats: .safetensors, PyTorch .pth (mmpose's or a plain state dict), and PP-TinyPose for ncnn (.param and .bin,
    side by side).
    """
    from model.zoo import OwnWeightSet, PoseWeightSet
    from model.zoo.importing import Description, import_weights

    weight_set = import_weights(file, name, Description(network, keypoints, input_size, decoding))
    if isinstance(weight_set, PoseWeightSet):
        left_out = weight_set.left_out if isinstance(weight_set, OwnWeightSet) else ()
        without = "".join(f" without {kind.replace('_', ' ')}" for kind in left_out)
        print(
            f"{weight_set.name}: {weight_set.network}{without}, {weight_set.keypoints} keypoints, "
            f"{weight_set.input_size}, {weight_set.decoding} decoding; use it with --model {weight_set.name}"
        )
    else:
        print(f"{weight_set.name}: a person detector; use it with --detector {weight_set.name}")


def _purpose(weight_set: WeightSet) -> str:
    from model.zoo import DetectorWeightSet

    return "people" if isinstance(weight_set, DetectorWeightSet) else "joints"


def _size(weight_set: WeightSet) -> str:
    sizes = [file.size for file in weight_set.files if file.size is not None]
    return f"{sum(sizes) / 1e6:.1f} MB" if len(sizes) == len(weight_set.files) else "unknown"


def _place(weight_set: WeightSet) -> str:
    from model.zoo.store import local_folders, set_folder

    folder = next(local_folders(weight_set), None)
    if folder is None:
        return "no"
    return "in the cache" if folder == set_folder(weight_set.name) else "in weights/"
