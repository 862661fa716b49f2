"""The annotation files of MPII Human Pose (Andriluka et al., CVPR 2014): the official .mat, and mmpose's .json.

The files count pixels from 1; everything here counts from 0.
"""

import json
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from model.arrays import BoolArray, FloatArray
from model.errors import DatasetError
from model.skeletons import MPII_16

_BEGIN = 1000  # bytes that tell what a file is
_MAT_SIGNATURE = b"MATLAB 5.0 MAT-file"
_SCALE_UNIT = 200.0  # pixels
_LOWERED = 15.0  # pixels at scale 1
_HEAD_SHARE = 0.6  # of the diagonal of the labelled head box
_REMEDY = "give mpii_human_pose_v1_u12_1.mat, or mmpose's mpii_train.json or mpii_val.json"


@dataclass(frozen=True, eq=False)
class MpiiPeople:
    """Everybody labelled in one annotation file: N people, 16 keypoints.

    Attributes:
        pictures: (N,) file names of the pictures that they are in.
        centres: (N, 2) x, y, as labelled.
        scales: (N,) in units of 200 pixels.
        keypoints: (N, 16, 2) x, y; 0, 0 where unlabelled.
        visible: (N, 16), which keypoints are labelled, hidden ones included.
        head_sizes: (N,) what PCKh measures by, in pixels; NaN where the file gives no head box.
        separate: (N,) who stands clear of others: those whom the official single-person evaluation counts.
    """

    pictures: npt.NDArray[np.str_]
    centres: FloatArray
    scales: FloatArray
    keypoints: FloatArray
    visible: BoolArray
    head_sizes: FloatArray
    separate: BoolArray

    def __len__(self) -> int:
        return len(self.scales)

    @property
    def boxes(self) -> FloatArray:
        """(N, 4) x1, y1, x2, y2: what crops are cut by; may reach beyond the picture.

        MPII gives no boxes but where somebody is. As in mmpose and HRNet the centre is lowered by 15 pixels times the
        scale, lest feet be cut off; the box is the square of 200 pixels times the scale round it.
        """
        centres = self.centres + np.array([0, _LOWERED], np.float32) * self.scales[:, None]
        half = np.float32(_SCALE_UNIT / 2) * self.scales[:, None]
        return np.concatenate([centres - half, centres + half], axis=1)

    def only(self, chosen: BoolArray) -> "MpiiPeople":
        """Those of the people that are chosen, (N,)."""
        return MpiiPeople(*(getattr(self, field.name)[chosen] for field in fields(self)))


def is_mpii(annotations: Path) -> bool:
    """Whether an annotation file is MPII's, by content: a .mat file, or a JSON list.

    COCO's is an object; a list that names a category at its beginning is of COCO's results and no annotations.

    Raises:
        DatasetError: The file cannot be read.
    """
    begin = _begin(annotations)
    is_list = begin.removeprefix(BOM_UTF8).lstrip().startswith(b"[")
    return begin.startswith(_MAT_SIGNATURE) or (is_list and b'"category_id"' not in begin)


def read_mpii(annotations: Path) -> MpiiPeople:
    """Read an annotation file.

    Args:
        annotations: mpii_human_pose_v1_u12_1.mat, of which the training pictures are read, since the labels of the test
            pictures are withheld; or mmpose's mpii_train.json, mpii_val.json or mpii_trainval.json, without head sizes.

    Raises:
        DatasetError: The file is absent, malformed or labels nobody.
    """
    is_mat = _begin(annotations).startswith(_MAT_SIGNATURE)
    people = from_release(load_mat(annotations), annotations) if is_mat else _from_json(annotations)
    if not people.visible.any():
        raise DatasetError(f"{annotations} labels nobody's keypoints; {_REMEDY}")
    return people


def load_mat(path: Path) -> dict[str, Any]:
    """The variables of a .mat file; structures as objects, every value a matrix.

    Raises:
        DatasetError: The file is absent or malformed.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    _begin(path)
    try:
        content: dict[str, Any] = loadmat(path, struct_as_record=False)
    # What SciPy raises on files that are damaged, cut off, of a newer format (HDF5), or no .mat at all.
    except (MatReadError, OSError, IndexError, ValueError, TypeError, NotImplementedError, zlib.error) as error:
        raise _malformed(path, error) from error
    return content


def from_release(content: dict[str, Any], path: Path) -> MpiiPeople:
    """Everybody with labelled joints in the training pictures of the official file, whose variables these are.

    Raises:
        DatasetError: They are not MPII's; the message names the path.
    """
    try:
        return _gathered(list(_release_rows(content["RELEASE"][0, 0])))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise _malformed(path, error) from error


def head_sizes(extents: npt.ArrayLike) -> FloatArray:
    """(N,) from widths and heights (N, 2) of labelled head boxes."""
    return np.asarray(_HEAD_SHARE * np.linalg.norm(np.asarray(extents, np.float64), axis=1), np.float32)


class _Row(NamedTuple):
    """One person as the files say it, pixels from 1; `head` is the head box's width and height."""

    picture: str
    centre: Sequence[float]
    scale: float
    keypoints: npt.ArrayLike
    visible: npt.ArrayLike
    head: tuple[float, float]
    separate: bool


def _gathered(rows: Sequence[_Row]) -> MpiiPeople:
    columns: Iterable[Any] = zip(*rows, strict=True) if rows else [()] * len(_Row._fields)
    pictures, centres, scales, keypoints, visible, heads, separate = columns
    seen = np.array(visible, np.float32).reshape(len(rows), MPII_16.keypoints) > 0
    points = np.array(keypoints, np.float32).reshape(len(rows), MPII_16.keypoints, 2) - 1
    return MpiiPeople(
        pictures=np.array(pictures, np.str_),
        centres=np.array(centres, np.float32).reshape(len(rows), 2) - 1,
        scales=np.array(scales, np.float32),
        keypoints=np.where(seen[..., None], points, np.float32(0)),
        visible=seen,
        head_sizes=head_sizes(np.array(heads).reshape(len(rows), 2)),
        separate=np.array(separate, np.bool_),
    )


def _from_json(path: Path) -> MpiiPeople:
    nowhere = (np.nan, np.nan)
    try:
        rows = [
            _Row(each["image"], each["center"], each["scale"], each["joints"], each["joints_vis"], nowhere, True)
            for each in json.loads(path.read_text(encoding="utf-8-sig"))
        ]
        return _gathered(rows)
    except (ValueError, KeyError, TypeError) as error:
        raise _malformed(path, error) from error


def _release_rows(release: Any) -> Iterator[_Row]:
    """People of the official structure: a number in it is 1x1, an array 1xN, and what is missing 0x0 or no field."""
    train, separate = release.img_train.ravel(), release.single_person.ravel()
    for picture, is_train, clear in zip(release.annolist.ravel(), train, separate, strict=True):
        if not is_train:
            continue
        name = str(picture.image[0, 0].name[0])
        for number, person in enumerate(picture.annorect.ravel(), start=1):
            if not all(np.size(getattr(person, key, ())) for key in ("annopoints", "objpos", "scale")):
                continue
            keypoints, visible = np.zeros((MPII_16.keypoints, 2)), np.zeros(MPII_16.keypoints)
            for point in person.annopoints[0, 0].point.ravel():
                joint = int(point.id[0, 0])
                keypoints[joint] = point.x[0, 0], point.y[0, 0]
                visible[joint] = 1
            x1, y1, x2, y2 = (float(getattr(person, key)[0, 0]) for key in ("x1", "y1", "x2", "y2"))
            place = person.objpos[0, 0]
            centre = float(place.x[0, 0]), float(place.y[0, 0])
            scale = float(person.scale[0, 0])
            yield _Row(name, centre, scale, keypoints, visible, (x2 - x1, y2 - y1), bool(np.isin(number, clear)))


def _begin(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_BEGIN)
    except OSError as error:
        raise DatasetError(f"cannot read annotations {path}: {error.strerror}; check the path") from error


def _malformed(path: Path, error: Exception) -> DatasetError:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return DatasetError(f"{path} is not an MPII annotation file ({reason}); {_REMEDY}")
