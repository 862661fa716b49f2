"""Animals, things and places from packages of free software, for the detector's training pictures.

`python -m model.training.detection.gather FOLDER ... --output FOLDER` looks through unpacked packages for pictures:
files, the catalogues of Sweet Home 3D (.sh3f, ZIP archives) and Qt's resources (.rcc), which hold pictures as they are.
Those with transparent surroundings go to cut-outs/, animals and things apart, all others to pictures/, with
pictures.json, an annotation file in COCO's format that lists nobody. docs/training.md names the packages.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import typer

from model.arrays import UInt8Array
from model.errors import DatasetError, UserError
from model.training.annotation_file import PERSON

_ENDINGS = (".png", ".webp", ".jpg", ".jpeg")
_LEFT_OUT = re.compile(r"symbols|space|solar_system|paintings")  # letters and signs, planets; and painted people
_ANIMAL, _DRAWN = re.compile(r"animals"), re.compile(r"cartoon")
_WEBP = re.compile(rb"RIFF(....)WEBP", re.DOTALL)
_OPAQUE, _LEAST_CLEAR = 20, 0.08  # opacity that shows, and the share below it that makes a picture a cut-out
_CUT_OUT_SIDES = (40, 320)  # shortest that is kept, longest that is needed
_PICTURE_SIDES = (120, 640)


def pictures_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The encoded pictures below a folder, with names that tell where they were.

    Raises:
        DatasetError: The folder is absent, or a file in it cannot be read.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder} is no folder; give one with unpacked packages")
    for path in sorted(folder.rglob("*")):
        name, ending = path.relative_to(folder).as_posix(), path.suffix.lower()
        try:
            if ending == ".sh3f":
                with zipfile.ZipFile(path) as archive:
                    for each in sorted(archive.namelist()):
                        if each.lower().endswith(_ENDINGS):
                            yield f"{name}/{each}", archive.read(each)
            elif ending == ".rcc":
                yield from ((f"{name}/{place}", part) for place, part in _pictures_within(path.read_bytes()))
            elif ending in _ENDINGS and path.is_file():
                yield name, path.read_bytes()
        except OSError as error:
            raise DatasetError(f"cannot read {path}: {error.strerror}; check its permissions") from error
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:  # encrypted, or packed in another way
            raise DatasetError(f"cannot read {path}: {error}; unpack its package again") from error


def _pictures_within(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Where WebP pictures begin in other content, and each of them."""
    for found in _WEBP.finditer(content):
        start, length = found.start(), int.from_bytes(found[1], "little")
        yield start, content[start : start + 8 + length]


def gather(folders: list[Path], output: Path) -> tuple[int, int]:
    """Write cut-outs and other pictures, each once, in the size that training needs.

    Args:
        folders: Where to look.
        output: Gets cut-outs/animals, cut-outs/things, pictures and pictures.json.

    Returns:
        How many cut-outs and how many pictures.

    Raises:
        DatasetError: Nothing is found, a folder cannot be read, or the output exists or cannot be written.
    """
    made = [output / name for name in ("pictures", "cut-outs/things", "cut-outs/animals", "cut-outs")]
    try:
        for folder in made[:-1]:
            folder.mkdir(parents=True)
    except OSError as error:
        raise DatasetError(f"cannot make {error.filename}: {error.strerror}; give another --output") from error
    seen: set[bytes] = set()
    cut_outs = 0
    listed: list[dict[str, Any]] = []
    for name, encoded in (each for folder in folders for each in pictures_in(folder)):
        if not encoded or _LEFT_OUT.search(name) or _seen_before(encoded, seen):
            continue
        picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
        if picture is None or picture.ndim != 3 or picture.dtype != np.uint8:
            continue
        if picture.shape[2] == 4 and (picture[..., 3] < _OPAQUE).mean() > _LEAST_CLEAR:
            cut_out = _cut_out(np.asarray(picture, np.uint8))
            if cut_out is not None:
                group = "animals" if _ANIMAL.search(name) and not _DRAWN.search(name) else "things"
                _write(output / "cut-outs" / group / f"{cut_outs:05d}.png", cut_out)
                cut_outs += 1
        elif min(picture.shape[:2]) >= _PICTURE_SIDES[0] and ".sh3f/" not in name:  # those are materials of furniture
            plain = _reduced(np.asarray(picture[..., :3], np.uint8), _PICTURE_SIDES[1])
            file_name = f"pictures/{len(listed):05d}.png"
            _write(output / file_name, plain)
            height, width = plain.shape[:2]
            listed.append({"id": len(listed) + 1, "file_name": file_name, "width": width, "height": height})
    if not cut_outs and not listed:
        for folder in made:  # so that the same --output can be given again
            with suppress(OSError):  # something else is in it
                folder.rmdir()
        raise DatasetError("no pictures were found; give folders with unpacked packages")
    content = {"images": listed, "annotations": [], "categories": [{"id": PERSON, "name": "person"}]}
    (output / "pictures.json").write_text(json.dumps(content), encoding="utf-8")
    return cut_outs, len(listed)


def _seen_before(encoded: bytes, seen: set[bytes]) -> bool:
    digest = hashlib.sha256(encoded).digest()
    known = digest in seen
    seen.add(digest)
    return known


def _cut_out(picture: UInt8Array) -> UInt8Array | None:
    """(H, W, 4) what shows of a picture (H, W, 4), reduced; None where that is too little."""
    rows, columns = np.nonzero(picture[..., 3] > _OPAQUE)
    if not rows.size:
        return None
    shown = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    if min(shown.shape[:2]) < _CUT_OUT_SIDES[0]:
        return None
    # Averaged as colour times opacity, so that no colour of what does not show gets in.
    opacity = shown[..., 3:].astype(np.float32) / 255
    reduced = _reduced(np.concatenate([shown[..., :3] * opacity, opacity], axis=2), _CUT_OUT_SIDES[1])
    colour = reduced[..., :3] / np.maximum(reduced[..., 3:], 1e-3)
    values = np.concatenate([colour, 255 * reduced[..., 3:]], axis=2)
    return np.asarray(np.clip(values.round(), 0, 255), np.uint8)


def _reduced(picture: Any, longest: int) -> Any:
    """The picture, averaged down to where its longer side has that many pixels."""
    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    height, width = (max(1, round(scale * side)) for side in picture.shape[:2])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def _write(path: Path, picture: UInt8Array) -> None:
    _, encoded = cv2.imencode(".png", picture)
    try:
        encoded.tofile(path)
    except OSError as error:
        raise DatasetError(f"cannot write {path}: {error.strerror}; free space or give another --output") from error


def main(
    folders: Annotated[list[Path], typer.Argument(help="Unpacked packages")],
    output: Annotated[Path, typer.Option(help="A new folder")],
) -> None:
    """Gather cut-outs and pictures without people."""
    try:
        cut_outs, pictures = gather(folders, output)
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(f"{cut_outs} cut-outs and {pictures} pictures in {output}")


if __name__ == "__main__":
    typer.run(main)
