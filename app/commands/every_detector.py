"""Building every detector that this machine can have, for comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.commands.console import fetch_weights, print_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.detectors import PersonDetector


def build_every_detector(build: Callable[[str], PersonDetector]) -> dict[str, PersonDetector]:
    """Detectors by name, weights fetched first; what cannot be had is left out with a note.

    Args:
        build: Makes one of its name.

    Raises:
        DetectorError: None can be had.
    """
    from app.detectors import detector_names, detector_weights
    from app.errors import DetectorError
    from model.errors import UserError

    built: dict[str, PersonDetector] = {}
    for name in detector_names():
        if name == "default" or (weights := detector_weights(name)) is None:
            continue
        try:
            fetch_weights(weights)
            built[name] = build(name)
        except UserError as error:
            print_note(f"{name} is left out: {error}")
    if not built:
        raise DetectorError("no detector can be had here; see the notes above")
    return built
