"""Options that several commands share."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

from model.decoding import Decoding
from model.input_size import InputSize


def parse_input_size(text: str) -> InputSize:
    """HEIGHTxWIDTH as an option's value.

    Raises:
        typer.BadParameter: The text is no such size.
    """
    try:
        return InputSize.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def finite(value: float | None) -> float | None:
    """An option's number, unless there is no end to it.

    Raises:
        typer.BadParameter: It is infinite or not a number.
    """
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no time that ends; give a number of seconds")
    return value


def refuse_unused(context: typer.Context, names: Iterable[str], reason: str) -> None:
    """Refuse options that would be ignored.

    Args:
        context: Of the command.
        names: Its parameters that have no effect beside the others.
        reason: Why they have none.

    Raises:
        typer.BadParameter: One of them is on the command line.
    """
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name in names and source is not None and source.name == "COMMANDLINE":
            option = parameter.opts[0]
            raise typer.BadParameter(f"{reason}; leave {option} out", param_hint=option)


ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Weight set that finds the joints: default, fast, balanced, accurate, or a name that `models` lists.",
    ),
]
DetectorOption = Annotated[
    str | None,
    typer.Option(
        "--detector",
        metavar="NAME",
        help="What finds people: default, person-416, person-320, picodet-320, picodet-192, mediapipe-ssd, "
        "efficientdet-lite0, whole-frame.",
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="What runs the network: auto, torch-eager, torch, onnxruntime, openvino; in 16 bits "
        "torch-bf16, torch-fp16, openvino-bf16.",
    ),
]
DeviceOption = Annotated[
    Literal["auto", "cpu", "cuda", "mps"] | None, typer.Option("--device", help="Where the networks run.")
]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", min=1, max=256, help="CPU threads of each network; by default the engine chooses."),
]
DecodingOption = Annotated[
    Decoding | None,
    typer.Option("--decoding", help="How heatmaps become joints; by default as the weights were made for."),
]
JsonOption = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Write the figures to this file too; `-` prints them as JSON alone."),
]
InputSizeOption = Annotated[
    InputSize | None,
    typer.Option(
        "--input-size",
        metavar="HEIGHTxWIDTH",
        parser=parse_input_size,
        help="Input size of your weights, in multiples of 32; left out: told by file or catalogue, or the usual one.",
    ),
]
