import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
import yaml

from model.errors import ConfigError, DatasetError
from model.training.config_file import load_config
from model.training.detection.config import DetectorTrainingConfig
from model.training.progress import Progress, Report
from model.training.runfolder import RunFolder
from model.training.train import task_of, train
from tests.model.training.toy import write_toy_set


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("그림 data")
    write_toy_set(folder, 24)
    (folder / "held-out").mkdir()
    write_toy_set(folder / "held-out", 6, seed=1)
    return folder


def write_config(data: Path, folder: Path, **changes: Any) -> Path:
    phase = {
        "images": 400, "input_size": "64x64", "batch_size": 4, "learning_rate": 3e-3, "schedule": {"warmup_steps": 4},
        "augmentation": {"mosaic": 0.2, "smallest": 0.8, "largest": 1.2},
    }  # fmt: skip
    content = {
        "name": "toy", "network": "person-detector", "workers": 0, "threads": 1, "device": "cpu", "ema": 0.9,
        "sets": [{"annotations": str(data / "annotations.json"), "images": str(data)}],
        "validation": {"annotations": str(data / "held-out" / "annotations.json"), "images": str(data / "held-out")},
        "runs": str(folder), "cache": str(folder / "cache"), "phases": [phase],
    }  # fmt: skip
    path = folder / "toy.yaml"
    path.write_text(yaml.safe_dump(content | changes), encoding="utf-8")
    return path


def test_training_from_labels_finds_held_out_figures(data: Path, tmp_path: Path) -> None:
    steps: list[Progress] = []
    config = load_config(write_config(data, tmp_path))
    assert isinstance(config, DetectorTrainingConfig)
    folder = train(config, Report(steps.append, lambda metrics: None, lambda name, done, total: None))
    with (folder / "metrics.csv").open() as file:
        [measured] = csv.DictReader(file)
    assert float(measured["AP50"]) > 0.8
    assert float(steps[-1].losses["loss"]) < 0.6 * float(steps[0].losses["loss"])
    assert (folder / "best.safetensors").is_file()
    [drawn] = (folder / "predictions").glob("*.jpg")
    assert cv2.imdecode(np.fromfile(drawn, np.uint8), cv2.IMREAD_COLOR).shape == (2 * 64, 4 * 64, 3)


def test_a_validation_set_of_nobody_is_told_before_the_training(data: Path, tmp_path: Path) -> None:
    content = json.loads((data / "held-out" / "annotations.json").read_text(encoding="utf-8")) | {"annotations": []}
    (tmp_path / "nobody.json").write_text(json.dumps(content), encoding="utf-8")
    validation = {"annotations": str(tmp_path / "nobody.json"), "images": str(data / "held-out")}
    config = load_config(write_config(data, tmp_path, validation=validation))
    with pytest.raises(DatasetError, match="no labelled person"):
        train(config, Report(lambda progress: None, lambda metrics: None, lambda name, done, total: None))
    assert not (tmp_path / "toy").exists()


def test_statistics_are_taken_of_canvases_that_nothing_shows_through(data: Path, tmp_path: Path) -> None:
    drawn = []
    for mixed in (0, 1):
        phase = {"images": 8, "input_size": "64x64", "batch_size": 8, "learning_rate": 1e-3}
        phase |= {"augmentation": {"mixed": mixed}}
        config = load_config(write_config(data, tmp_path, phases=[phase], validation=None))
        task = task_of(config, RunFolder(config), "cpu")
        task.open_sets(Report(lambda progress: None, lambda metrics: None, lambda name, done, total: None))
        (taught,), (met,) = task.batches(0, 0, 8, 0, 1, False), task.batches_as_in_use(0, 0, 8)
        drawn += [next(iter(taught)), next(iter(met))]
    plain, as_plain, through, apart = drawn
    assert torch.equal(plain, as_plain)
    assert torch.equal(plain, apart)
    assert not torch.equal(plain, through)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": 17}, "keypoints"),
        ({"phases": [{"images": 8, "input_size": "100x96", "batch_size": 2, "learning_rate": 1}]}, "multiples of 32"),
    ],
)
def test_configuration_errors_name_the_key(data: Path, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(write_config(data, tmp_path, **changes))


@pytest.mark.shared_data
def test_teacher_says_what_the_detector_says(shared_dir: Path) -> None:
    from app.detectors.base import DetectorConfig
    from app.detectors.picodet import PicoDet
    from model.boxes import box_iou
    from model.training.detection.teacher import PicoDetTeacher

    graph = shared_dir / "weights/picodet-pedestrian-openvino/320/picodet_s_320_lcnet_pedestrian.xml"
    photograph = next(iter(sorted((shared_dir / "data/coco-val-dev/images").iterdir())))
    image = cv2.resize(cv2.imdecode(np.fromfile(photograph, np.uint8), cv2.IMREAD_COLOR), (320, 320))
    pictures = torch.from_numpy(np.ascontiguousarray(image[None, ..., ::-1]))
    taught = PicoDetTeacher(graph, torch.device("cpu"))(pictures)
    expected = PicoDet(DetectorConfig("picodet-320", (graph, graph.with_suffix(".bin")), 0.5, 0.5, 1)).detect(image)
    best = int(taught.scores[0].argmax())
    overlap = box_iou(taught.boxes[0, [best]].numpy(), expected[0].box[None])[0, 0]
    assert overlap > 0.95
    # bfloat16, where the processor has it, moves scores a little.
    assert taught.scores[0, best].item() == pytest.approx(expected[0].score, abs=0.03)
    from model.networks.person_detector import cell_points, decode_boxes

    decoded = decode_boxes(taught.bins, cell_points(320, 320, torch.zeros(1)))
    torch.testing.assert_close(decoded[0, best], taught.boxes[0, best], atol=1.5, rtol=0)
    assert [tuple(map_.shape[1:]) for map_ in taught.features] == [
        (96, 40, 40), (192, 20, 20), (384, 10, 10), (96, 40, 40), (96, 20, 20), (96, 10, 10),
    ]  # fmt: skip


@pytest.mark.shared_data
def test_adapters_start_from_what_both_networks_answer(shared_dir: Path) -> None:
    from model.networks.person_detector import build_detector
    from model.training.detection.config import DetectorTeacher
    from model.training.detection.objective import DetectionObjective

    graph = shared_dir / "weights/picodet-pedestrian-openvino/320/picodet_s_320_lcnet_pedestrian.xml"
    photographs = sorted((shared_dir / "data/coco-val-dev/images").iterdir())[:6]
    images = [cv2.imdecode(np.fromfile(each, np.uint8), cv2.IMREAD_COLOR) for each in photographs]
    pictures = torch.from_numpy(np.stack([cv2.resize(image, (160, 160))[..., ::-1] for image in images]))
    torch.manual_seed(0)
    network = build_detector()
    objective = DetectionObjective(network, DetectorTeacher(graph=graph), torch.device("cpu"))
    labels = torch.zeros(6, 1, 4), torch.zeros(6, 1)
    with torch.no_grad():
        before = objective(pictures, *labels)
        weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        objective.fit_adapters(pictures)
        network.eval()  # whose statistics are those that the fit saw
        after = objective(pictures, *labels)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in network.state_dict().items())
    assert all(float(after[f"features_{k}"]) < 0.7 * float(before[f"features_{k}"]) for k in range(6))
    assert all(float(after[f"features_{k}"]) < 1 for k in range(6))  # better than a constant


def test_wrong_teachers_are_one_line(tmp_path: Path) -> None:
    from model.training.detection.teacher import PicoDetTeacher

    with pytest.raises(ConfigError, match="check the path"):
        PicoDetTeacher(tmp_path / "absent.xml", torch.device("cpu"))
    (tmp_path / "other.xml").write_text("<net/>", encoding="utf-8")
    (tmp_path / "other.bin").write_bytes(b"")
    with pytest.raises(ConfigError, match="no node Sqrt_0"):
        PicoDetTeacher(tmp_path / "other.xml", torch.device("cpu"))


@pytest.mark.shared_data
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    shared_dir: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.training.detection.task._ADAPTED_ON", 16)
    graph = shared_dir / "weights/picodet-pedestrian-openvino/320/picodet_s_320_lcnet_pedestrian.xml"
    phase = {"input_size": "160x160", "batch_size": 2, "learning_rate": 1e-3, "schedule": {"warmup_steps": 1}}
    phases = [
        phase | {"images": 4, "teacher": {"graph": str(graph), "answers": 0.5}},
        phase | {"images": 4, "teacher": {"graph": str(graph)}},
    ]
    averaged = []
    for name, stops in (("whole", ()), ("parts", (2, 6))):
        for stop in (*stops, None):

            def on_step(progress: Progress, stop: int | None = stop) -> None:
                if progress.images == stop:
                    raise KeyboardInterrupt

            config = load_config(write_config(data, tmp_path, name=name, phases=phases, validation=None))
            report = Report(on_step, lambda metrics: None, lambda name, done, total: None)
            if stop is None:
                folder = train(config, report)
            else:
                with pytest.raises(KeyboardInterrupt):
                    train(config, report)
        state = torch.load(folder / "last.pt", weights_only=True)
        assert state["images"] == 8
        assert any(key.startswith("adapters.") for key in state["beside"])
        averaged.append(state["average"])
    whole, parts = averaged
    for key, tensor in whole.items():
        torch.testing.assert_close(parts[key], tensor, msg=key)
