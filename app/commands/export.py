"""`export`: a network as a file for other runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.commands.console import fetch_weights, print_note
from model.errors import WeightsError

if TYPE_CHECKING:
    from model.zoo import DetectorWeightSet, PoseModel, PoseWeightSet


def run(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="Weight set of a pose network, person-416, or a detector of your own."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")],
    form: Annotated[Literal["onnx", "torchscript"], typer.Option("--format", help="Format of the file.")] = "onnx",
    with_preprocessing: Annotated[
        bool,
        typer.Option(
            "--with-preprocessing",
            help="Take uint8 crops (N, H, W, 3) in RGB instead of normalised float32 images (N, 3, H, W).",
        ),
    ] = False,
    random_weights: Annotated[
        bool, typer.Option("--random-weights", help="Take a network's name, and random weights, the same in every run.")
    ] = False,
) -> None:
    """Write a network with its weights as ONNX or TorchScript, checked against PyTorch.

    It takes any number N of crops and gives heatmaps (N, K, H/4, W/4). The person detector takes pictures with sides of
    any multiples of 32, and gives boxes and scores (N, A, 5) before non-maximum suppression.

    **Examples**

    `python main.py export balanced --output pose.onnx --with-preprocessing`

    `python main.py export person-416 --output people.onnx --with-preprocessing`
    """
    from app.sinks import check_replaceable, write_error
    from model.export import export_onnx, export_torchscript
    from model.zoo import WeightSet

    chosen = _network(model) if random_weights else _weight_set(model)
    check_replaceable(output)
    if isinstance(chosen, WeightSet):
        fetch_weights(chosen)
    else:
        print_note(f"{model} gets random weights, the same in every run")
    try:
        (export_onnx if form == "onnx" else export_torchscript)(chosen, output, with_preprocessing)
    except OSError as error:
        raise write_error(output, error.strerror) from error
    print_note(f"{chosen.name} -> {output} ({output.stat().st_size / 1e6:.1f} MB)")


def _network(name: str) -> PoseModel:
    """A network by its name, for random weights."""
    from model.zoo import load_catalogue

    catalogue = load_catalogue()
    if name not in catalogue.networks:
        known = ", ".join(catalogue.networks)
        raise WeightsError(f"random weights need the name of a network, which {name} is not; choose one of {known}")
    return catalogue.bare_network(name)


def _weight_set(name: str) -> PoseWeightSet | DetectorWeightSet:
    """What a name stands for; a network's name alone must stand for weights that are here, never for random ones."""
    from model.zoo import DetectorWeightSet, PoseWeightSet, load_catalogue, others_here, resolve_any, resolve_or_random

    catalogue = load_catalogue()
    if name in catalogue.networks and not isinstance(bare := resolve_or_random(name), PoseWeightSet):
        others = ", ".join(others_here(bare))
        ways = [f"name a set of it that is: {others}"] if others else []
        if name in catalogue.aliases:
            ways.append(f"fetch some: python main.py weights fetch {name}")
        ways.append("give --random-weights")
        raise WeightsError(f"{name} stands for no weights that are here; {', or '.join(ways)}")
    found = resolve_any(name)
    if isinstance(found, PoseWeightSet) or (isinstance(found, DetectorWeightSet) and found.network is not None):
        return found
    raise WeightsError(
        f"{name} is no network of this project and cannot be exported; export person-416 or a detector of your own, "
        "or use its files as they are"
    )
