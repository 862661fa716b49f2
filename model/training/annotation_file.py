"""Reading COCO-format annotation files, as far as all that are read have it in common."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from model.errors import DatasetError

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
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(f"cannot read annotations {path}: {error.strerror}; check the path") from error
    except ValueError as error:
        raise DatasetError(f"{path} is not JSON ({error}); give a COCO-format annotation file") from error
    try:
        return understand(content)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{path} is not in COCO's format ({type(error).__name__}: {error}); it needs {needs}"
        ) from error


def people_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The annotations that label people.

    Of several categories people are the one named person, else the only one, else number 1. An annotation without a
    category labels a person.
    """
    categories = content.get("categories") or []
    named = [category["id"] for category in categories if str(category.get("name")).casefold() == "person"]
    listed = [category["id"] for category in categories]
    used = {annotation.get("category_id", PERSON) for annotation in content["annotations"]}
    candidates = named or listed or list(used)
    person = candidates[0] if named or len(candidates) == 1 else PERSON
    return [annotation for annotation in content["annotations"] if annotation.get("category_id", person) == person]
