"""This project's own detector, whose weights come along."""

import json
from dataclasses import astuple
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from app.commands import main
from app.detectors import create_detector, detector_names, detector_weights
from model.arrays import UInt8Array
from model.boxes import box_iou
from model.detection import MARGIN, letterbox
from model.engines import ENGINE_NAMES, create_engine
from model.errors import EngineError
from model.zoo import is_available, load_network, resolve_detector, shipped_graph, weight_files

ROOT = Path(__file__).parents[3]


def demo_frame() -> UInt8Array:
    video = cv2.VideoCapture(str(ROOT / "assets" / "demo.mp4"))
    read, frame = video.read()
    video.release()
    assert read
    return np.asarray(frame, np.uint8)


def test_it_needs_no_download(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path))
    weights = detector_weights("person-416")
    assert weights is not None
    assert is_available(weights)
    detector = create_detector("person-416", threads=1)
    assert (detector.name, detector.engine, detector.device) == ("person-416", "onnxruntime", "CPU")
    detector.close()


def test_it_runs_where_the_pose_network_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.engines.may_have_gpu", lambda: True)
    detector = create_detector("person-416", threads=1, device="cpu")
    assert (detector.engine, detector.device) == ("onnxruntime", "CPU")
    detector.close()
    with pytest.raises(EngineError, match="cuda"):
        create_detector("person-416", threads=1, device="cuda")


def test_a_detector_of_the_users_own_is_used_under_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path))
    shipped = str(weight_files(resolve_detector("person-416"))[0])
    assert main(["weights", "import", shipped, "--as", "crowd"]) == 0
    assert "use it with --detector crowd" in capsys.readouterr().out
    assert detector_names()[-1] == "crowd"
    # Without the graph that comes along with the shipped one, ONNX Runtime's would be a quarter of a minute's work.
    monkeypatch.setattr("app.detectors.shuffle_detector.create_engine", partial(create_engine, engine="torch"))
    frame = demo_frame()
    mine, theirs = (create_detector(name, threshold=0.01, threads=1) for name in ("crowd", "person-416"))
    assert mine.name == "crowd"
    found, expected = ([*map(astuple, detector.detect(frame))] for detector in (mine, theirs))
    assert len(expected) > 0
    np.testing.assert_equal(found, expected)


def test_both_sizes_are_of_the_same_files() -> None:
    large, small = (resolve_detector(name) for name in ("person-416", "person-320"))
    assert weight_files(large) == weight_files(small)
    assert shipped_graph(large) == shipped_graph(small)
    frame = np.zeros((480, 640, 3), np.uint8)
    sizes = []
    for weights in (large, small):
        engine = create_engine(weights, "torch", "cpu")
        cells = engine.infer(letterbox(frame, max(weights.input_size)).pixels[np.newaxis])
        sizes.append(cells.shape[1])
    assert sizes == [52 * 40 + 26 * 20 + 13 * 10, 40 * 32 + 20 * 16 + 10 * 8]


def test_the_files_are_small() -> None:
    weights = resolve_detector("person-416")
    graph = shipped_graph(weights)
    assert graph is not None
    assert graph.stat().st_size < 4e6


@pytest.mark.parametrize("engine", [name for name in ENGINE_NAMES if name != "auto" and "16" not in name])
@pytest.mark.parametrize("size", [(192, 320), (320, 320), (96, 32)])
def test_every_engine_answers_like_the_network(engine: str, size: tuple[int, int]) -> None:
    weights = resolve_detector("person-416")
    pictures = np.random.default_rng(0).integers(0, 256, (2, *size, 3), np.uint8)
    mean, scale = (torch.tensor(values) * 255 for values in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    images = ((torch.from_numpy(pictures) - mean) / scale).permute(0, 3, 1, 2)
    with torch.inference_mode():
        expected = load_network(weights)(images)
    cells = create_engine(weights, engine, "cpu", threads=1).infer(pictures)
    np.testing.assert_allclose(cells[..., :4], expected[..., :4], atol=0.05)
    np.testing.assert_allclose(cells[..., 4], expected[..., 4], atol=1e-3)


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is:DeprecationWarning")
def test_export_of_the_detector(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "people.pt"
    assert main(["export", "person-416", "--format", "torchscript", "--output", str(path)]) == 0
    cells = torch.jit.load(path)(torch.zeros(1, 3, 320, 320))
    assert cells.shape == (1, 1600 + 400 + 100, 5)


@pytest.mark.shared_data
def test_all_detectors_are_measured_by_one_command(
    shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LITE_HRNET_LIVE_MIRROR", str(shared_dir / "weights"))
    monkeypatch.setattr("app.detectors.detector_names", lambda: ("default", "person-416", "picodet-192", "whole-frame"))
    folder = shared_dir / "data/coco-val-dev"
    labels = json.loads((folder / "person_keypoints.json").read_text(encoding="utf-8"))
    labels["images"] = labels["images"][:4]
    kept = {image["id"] for image in labels["images"]}
    labels["annotations"] = [label for label in labels["annotations"] if label["image_id"] in kept]
    few = tmp_path / "few.json"
    few.write_text(json.dumps(labels))
    out = tmp_path / "out.json"
    arguments = ["--annotations", str(few), "--images", str(folder / "images"), "--compare", "--json", str(out)]
    assert main(["evaluate", *arguments]) == 0
    report = json.loads(out.read_text())
    assert report["images"] == 4
    assert set(report["detectors"]) == {"person-416", "picodet-192"}
    assert report["detectors"]["picodet-192"]["AP50"] > 0.5
    shown = capsys.readouterr().out
    assert "person-416" in shown
    assert f"{report['detectors']['picodet-192']['AP50']:.3f}" in shown


def test_a_portrait_frame_is_searched_whole() -> None:
    """Boxes come back in the frame's own pixels, whichever side is the longer."""
    detector = create_detector("person-416", threads=1)
    frame = demo_frame()
    tall = np.full((1200, frame.shape[1], 3), MARGIN, np.uint8)
    tall[700:1180] = frame
    apart, whole = (np.array([found.box for found in detector.detect(image)]) for image in (tall, frame))
    detector.close()
    assert len(apart) == len(whole) > 1
    overlaps = box_iou(apart - np.array([0, 700, 0, 700], np.float32), whole)
    assert (overlaps.max(axis=1) > 0.7).all()
