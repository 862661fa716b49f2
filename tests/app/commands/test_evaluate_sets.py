"""`evaluate` on MPII's annotations and in boxes of a file, with a small network of random weights."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from app.commands import main
from model.checkpoints import save_safetensors
from model.networks import build_network
from model.zoo.store import CACHE_VARIABLE
from tests.model.test_evaluate import write_set
from tests.model.training.mpii_labels import PICTURES, write_head_boxes, write_json, write_release


@pytest.fixture(scope="module", autouse=True)
def _weights(tmp_path_factory: pytest.TempPathFactory) -> object:
    """The user's own weight sets `mine-16` and `mine-17`."""
    folder = tmp_path_factory.mktemp("weights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(folder / "cache"))
        for keypoints in (16, 17):
            torch.manual_seed(keypoints)
            path = folder / f"{keypoints}.safetensors"
            save_safetensors(build_network("naive-lite-hrnet-18", keypoints).state_dict(), path, {})
            options = ["--network", "naive-lite-hrnet-18", "--keypoints", str(keypoints), "--input-size", "64x64"]
            assert main(["weights", "import", str(path), "--as", f"mine-{keypoints}", *options]) == 0
        yield


@pytest.fixture
def mpii(tmp_path: Path) -> list[str]:
    for name in set(PICTURES):
        cv2.imencode(".jpg", np.full((300, 500, 3), 90, np.uint8))[1].tofile(tmp_path / name)
    return ["--annotations", str(write_json(tmp_path / "mpii_val.json")), "--images", str(tmp_path)]


@pytest.mark.parametrize("form", ["beside", "given", "release"])
def test_pckh_of_mpii_stands_in_the_report(
    mpii: list[str], tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    options = [*mpii, "--model", "mine-16", "--engine", "torch-eager", "--json", str(out)]
    if form == "given":
        options += ["--head-boxes", str(write_release(tmp_path / "release.mat"))]
    elif form == "beside":
        write_head_boxes(tmp_path / "mpii_gt_val.mat")
    else:
        options[1] = str(write_release(tmp_path / "release.mat"))
    assert main(["evaluate", *options]) == 0
    figures = json.loads(out.read_text())
    people = 2 if form == "release" else 3
    assert (figures["model"], figures["boxes"], figures["images"], figures["people"]) == ("mine-16", "gt", 2, people)
    assert set(figures["pckh"]["joints"]) == {"head", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"}
    assert 0 <= figures["pckh"]["mean"] < 0.5
    assert all(0 <= share <= 1 for share in figures["pckh"]["joints"].values())
    assert [figures[key] for key in ("AP", "AR", "oks", "pck", "matched", "detection")] == [None] * 6
    shown = capsys.readouterr().out
    assert f"mine-16 in labelled boxes: 2 pictures, {people} people" in shown
    assert "PCKh ankle" in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "mine-17"], "labels MPII's 16 keypoints and mine-17 finds 17"),
        (["--model", "mine-16"], "--head-boxes"),
        (["--detector", "whole-frame"], "leave out --detector"),
        (["--model", "mine-16", "--boxes", "detector"], "leave out --detector"),
    ],
)
def test_what_mpii_cannot_be_measured_with_is_said(
    mpii: list[str], options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *mpii, *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_an_engine_that_is_not_here_is_told_before_people_are_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr("model.training.evaluate.evaluate_detection")
    coco = ["--annotations", str(write_set(tmp_path)), "--images", str(tmp_path), "--model", "mine-17"]
    assert main(["evaluate", *coco, "--boxes", "detector", "--detector", "whole-frame", "--engine", "tensorrt"]) == 2
    assert "tensorrt" in capsys.readouterr().err


def test_joints_are_looked_for_in_boxes_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = ["--annotations", str(write_set(tmp_path)), "--images", str(tmp_path), "--model", "mine-17"]
    boxes, out = tmp_path / "found boxes.json", tmp_path / "figures.json"
    boxes.write_text(json.dumps([{"image_id": 0, "category_id": 1, "bbox": [20, 20, 100, 200], "score": 0.9}]))
    options = ["--boxes", str(boxes), "--engine", "torch-eager", "--json", str(out)]
    assert main(["evaluate", *coco, *options]) == 0
    figures = json.loads(out.read_text())
    assert (figures["boxes"], figures["detector"], figures["detection"]) == ("found boxes.json", None, None)
    assert figures["matched"] == pytest.approx(1 / 6)
    assert "mine-17 in found boxes.json" in capsys.readouterr().out
    assert main(["evaluate", *coco, "--boxes", str(tmp_path / "absent.json")]) == 2
    assert "cannot read boxes" in capsys.readouterr().err
    assert main(["evaluate", *coco, "--head-boxes", str(boxes)]) == 2
    assert "is not MPII's" in capsys.readouterr().err
