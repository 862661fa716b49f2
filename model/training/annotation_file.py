"""Reading COCO-format annotation files, as far as all that are read have it in common."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from model.errors import DatasetError
from model.training.pictures import stored_size

PERSON = 1  # COCO's number of the category

Labels = TypeVar("Labels")


def read_annotations(path: Path, understand: Callable[[dict[str, Any]], Labels], needs: str) -> Labels:
    """What a function makes of an annotation file's content.

    Args:
        path: COCO-format JSON file.
        understand: May raise whatever a malformed content makes it raise.
        needs: What the file must have, for the message.

    Raises:
        DatasetError: The file is missing, is not JSON, or is not understood.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))  # some editors and .NET put a mark in front
    except OSError as error:
        raise DatasetError(f"cannot read annotations {path}: {error.strerror}; check the path") from error
    except ValueError as error:
        raise DatasetError(f"{path} is not JSON ({error}); give a COCO-format annotation file") from error
    try:
        return understand(content)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise DatasetError(
            f"{path} is not in COCO's format ({type(error).__name__}: {error}); it needs {needs}"
        ) from error


def people_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The annotations that label people.

    An annotation without a category labels a person.
    """
    people = person_categories(content)
    return [
        annotation
        for annotation in content["annotations"]
        if "category_id" not in annotation or annotation["category_id"] in people
    ]


def person_categories(content: dict[str, Any]) -> frozenset[Any]:
    """Numbers of the categories that are people: those named person (of files that were joined, several), else the only
    one, else number 1.
    """
    categories = content.get("categories") or []
    named = {category["id"] for category in categories if str(category.get("name")).casefold() == "person"}
    listed = {category["id"] for category in categories}
    used = {annotation.get("category_id", PERSON) for annotation in content["annotations"]}
    candidates = named or listed or used
    return frozenset(candidates if named or len(candidates) == 1 else {PERSON})


def images_of(content: dict[str, Any] | list[Any]) -> dict[Any, dict[str, Any]]:
    """The images of a file by their id; one that is listed twice counts once.

    Raises:
        ValueError: It is a file of results, or two different images have the same id, or ids of different kinds, which
            cannot be put into an order.
    """
    if isinstance(content, list):
        raise ValueError("it is a list, as of results, and no object")
    by_id: dict[Any, dict[str, Any]] = {}
    for image in content["images"]:
        if by_id.setdefault(image["id"], image) != image:
            raise ValueError(f"two images have the id {image['id']!r}")
    kinds = {"number" if isinstance(image_id, int | float) else type(image_id).__name__ for image_id in by_id}
    if len(kinds) > 1:
        raise ValueError(f"ids of images are of several kinds: {', '.join(sorted(kinds))}")
    return by_id


def finite(annotation: dict[str, Any], key: str, value: Any) -> float:
    """A number of an annotation.

    Raises:
        ValueError: It is infinite or none.
    """
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"annotation {annotation.get('id')} has {value} in its {key}")
    return number


def size_of(image: dict[str, Any], path: Path) -> tuple[int, int]:
    """Width and height of an image, from its picture where the file does not tell."""
    if image.get("width") is None or image.get("height") is None:
        return stored_size(path)
    return int(image["width"]), int(image["height"])
