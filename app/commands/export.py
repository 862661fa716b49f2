"""`export`: a network as a file for other runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.commands.console import fetch_progress, print_note

if TYPE_CHECKING:
    from model.zoo import DetectorWeightSet, PoseModel


def run(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Weight set, or a network for random weights; or person-384.")
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
) -> None:
    """Write a network with its weights as ONNX or TorchScript, checked against PyTorch.

    It takes any number N of crops and gives heatmaps (N, K, H/4, W/4). The person detector takes pictures with sides of
    any multiples of 32, and gives boxes and scores (N, A, 5) before non-maximum suppression.

    **Examples**

    `python main.py export balanced --output pose.onnx --with-preprocessing`

    `python main.py export person-384 --output people.onnx --with-preprocessing`
    """
    from app.sinks import create_folder_of, write_error
    from model.export import export_onnx, export_torchscript
    from model.zoo import WeightSet, ensure

    chosen = _chosen(model)
    create_folder_of(output)
    if isinstance(chosen, WeightSet):
        with fetch_progress() as progress:
            ensure(chosen, progress)
    else:
        print_note(f"no weights of {model} are here: random ones are used, the same in every run")
    try:
        (export_onnx if form == "onnx" else export_torchscript)(chosen, output, with_preprocessing)
    except OSError as error:
        raise write_error(output, error.strerror) from error
    print_note(f"{chosen.name} -> {output} ({output.stat().st_size / 1e6:.1f} MB)")


def _chosen(name: str) -> PoseModel | DetectorWeightSet:
    from model.zoo import DetectorWeightSet, load_catalogue, resolve_or_random

    listed = load_catalogue().weight_set(name)
    if isinstance(listed, DetectorWeightSet) and listed.network is not None:
        return listed
    return resolve_or_random(name)
