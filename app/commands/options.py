"""Options that several commands share."""

from typing import Annotated

import typer

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


ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Weight set that finds the joints: default, fast, balanced, accurate, or a name that `models` lists.",
    ),
]
InputSizeOption = Annotated[
    InputSize | None,
    typer.Option(
        "--input-size",
        metavar="HEIGHTxWIDTH",
        parser=parse_input_size,
        help="Size of the network's input, in multiples of 32.",
    ),
]
