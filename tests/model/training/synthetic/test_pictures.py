"""Pictures of people from the anny body model, whose first build takes a minute or two and is then kept by anny."""

import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from model.training.coco import read_people
from model.training.synthetic.__main__ import app
from model.training.synthetic.body import load_body_model
from model.training.synthetic.pictures import random_picture

ANNY_CACHE = Path(os.environ.get("ANNY_CACHE_DIR") or Path.home() / ".cache/anny")


@pytest.fixture(scope="module")
def built_model() -> None:
    """Skips where anny would have to build its body model first."""
    pytest.importorskip("anny")
    if not list(ANNY_CACHE.glob("v*/build_compact_model_data_*.safetensors")):
        pytest.skip(f"no body model in {ANNY_CACHE}: run python -m model.training.synthetic pictures once to build it")


@pytest.mark.usefixtures("built_model")
def test_pictures_come_with_true_keypoints_in_coco_format(tmp_path: Path) -> None:
    folder = tmp_path / "그림 set"
    outcome = CliRunner().invoke(app, ["pictures", "--count", "2", "--output", str(folder), "--seed", "3"])
    assert outcome.exit_code == 0, outcome.output
    people = read_people(folder / "annotations.json", folder / "images", 17)
    assert len(people.pictures) == 2
    assert len(people) >= 2
    for path, (width, height) in zip(people.pictures, people.picture_sizes, strict=True):
        picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape == (height, width, 3)
        assert picture.std() > 10
    labelled = people.weights > 0
    assert labelled.mean() > 0.5
    for box, keypoints, label in zip(people.boxes, people.keypoints, labelled, strict=True):
        middle, size = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        assert (np.abs(keypoints[label] - middle) < 0.75 * size.max()).all()

    # A picture depends on the seed and its number alone.
    picture, entries = random_picture(3, 1)
    stored = cv2.imdecode(np.fromfile(people.pictures[1], np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(picture.astype(int) - stored).mean() < 4
    np.testing.assert_allclose(entries[-1]["keypoints"][0::3], people.keypoints[-1, :, 0], atol=1e-3)


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    outcome = CliRunner().invoke(app, ["pictures", "--count", "1", "--output", str(tmp_path / "file" / "set")])
    assert outcome.exit_code == 2
    message = outcome.stderr.splitlines()[-1]
    assert message.startswith(f"error: cannot write to {tmp_path / 'file' / 'set'}: ")
    assert message.endswith("; choose another folder")


def test_without_anny_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_body_model.cache_clear()
    monkeypatch.setitem(sys.modules, "anny", None)
    outcome = CliRunner().invoke(app, ["demo", "--output", str(tmp_path / "demo.mp4")])
    load_body_model.cache_clear()
    assert outcome.exit_code == 2
    assert "pip install -r requirements-dev.txt" in outcome.stderr.splitlines()[-1]
