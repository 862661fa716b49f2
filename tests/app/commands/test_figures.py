"""`evaluate`, `benchmark` and `export` as a user meets them."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from app.benchmarking import whole_seconds
from app.commands import main
from app.live.opening import DEMO_CLIP
from app.settings import Settings
from model.arrays import FloatArray, UInt8Array
from model.zoo.fetch import MIRROR_VARIABLE
from model.zoo.store import CACHE_VARIABLE
from tests.app.clips import shade, write_clip

EVALUATE = ["evaluate", "--annotations", "labels.json", "--images", "pictures"]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)


@pytest.fixture
def _mirror(shared_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(MIRROR_VARIABLE, str(shared_dir / "weights"))
    return


@pytest.fixture
def few_labels(shared_dir: Path, tmp_path: Path) -> list[str]:
    """Options that name twelve of the labelled photographs."""
    folder = shared_dir / "data" / "coco-val-dev"
    labels = json.loads((folder / "person_keypoints.json").read_text())
    labels["images"] = labels["images"][:12]
    kept = {image["id"] for image in labels["images"]}
    labels["annotations"] = [label for label in labels["annotations"] if label["image_id"] in kept]
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(labels))
    return ["--annotations", str(path), "--images", str(folder / "images")]


class FakeEngine:
    def __init__(self, name: str) -> None:
        self.name = name
        self.device = "GPU" if name == "torch" else "CPU"

    def infer(self, crops: UInt8Array) -> FloatArray:
        level = 1.0 if self.name == "torch" else 0.0
        maps = np.zeros((len(crops), 17, crops.shape[1] // 4, crops.shape[2] // 4), np.float32)
        maps[:, :, 0, 0] = 100
        return maps + np.float32(level)


@pytest.mark.shared_data
@pytest.mark.usefixtures("_mirror")
@pytest.mark.parametrize("boxes", ["gt", "detector"])
def test_evaluate_writes_the_documented_figures(few_labels: list[str], tmp_path: Path, boxes: str) -> None:
    out = tmp_path / "figures.json"
    options = [*few_labels, "--boxes", boxes, "--model", "tinypose-128x96", "--engine", "torch", "--json", str(out)]
    assert main(["evaluate", *options]) == 0
    figures = json.loads(out.read_text())
    wanted = {"model", "boxes", "flip_test", "images", "people", "AP", "AP50", "AP75", "APM", "APL", "AR", "oks", "pck"}
    assert wanted | {"matched", "pckh", "detection"} <= figures.keys()
    assert (figures["model"], figures["boxes"], figures["images"]) == ("tinypose-128x96", boxes, 12)
    assert 0.3 < figures["AP"] < figures["AP50"] <= 1
    assert 0.5 < figures["oks"] < figures["pck"] <= 1
    if boxes == "gt":
        assert (figures["matched"], figures["detection"], figures["oks_labelled_boxes"]) == (1, None, None)
    else:
        assert 0.9 * figures["oks"] < figures["oks_labelled_boxes"] <= 1
        assert 0.4 < figures["matched"] < 1
        assert set(figures["detection"]) == {"AP50", "recall", "precision", "threshold"}


@pytest.mark.shared_data
@pytest.mark.usefixtures("_mirror")
def test_detector_without_a_model_is_measured_alone(few_labels: list[str], tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert main(["evaluate", *few_labels, "--detector", "picodet-192", "--json", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert (figures["model"], figures["AP"], figures["oks"]) == (None, None, None)
    assert 0.5 < figures["detection"]["AP50"] <= 1


def test_absent_labels_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--annotations", str(tmp_path / "no.json"), "--images", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "no.json" in line


def test_benchmark_compares_engines_and_says_which_are_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from model.errors import EngineError

    def create(pose: object, name: str, device: str, threads: int | None) -> FakeEngine:
        if name not in ("torch-eager", "torch", "onnxruntime"):
            raise EngineError(f"engine {name} is not here")
        return FakeEngine(name)

    monkeypatch.setattr("model.engines.create_engine", create)
    out = tmp_path / "speed.json"
    options = ["--model", "naive-lite-hrnet-18", "--compare", "--persons", "3", "--seconds", "0.2", "--json", str(out)]
    assert main(["benchmark", *options]) == 0
    report = json.loads(out.read_text())
    assert {"machine", "threads", "device", "rows"} == report.keys()
    assert [row["engine"] for row in report["rows"]] == ["torch-eager", "torch", "onnxruntime"]
    assert [row["device"] for row in report["rows"]] == ["CPU", "GPU", "CPU"]
    for row in report["rows"]:
        assert (row["what"], row["persons"]) == ("network", 3)
        assert 0 < row["median_ms"] <= row["p95_ms"]
    agreement = [row["agreement"] for row in report["rows"]]
    assert agreement[0] == agreement[2] == 0
    assert agreement[1] > 0.1
    told = capsys.readouterr().err
    assert "openvino is left out" in told
    assert "naive-lite-hrnet-18 stands for no weights that are here; random" in told


def test_benchmark_names_the_weights_that_a_network_has_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("model.engines.create_engine", lambda pose, name, device, threads: FakeEngine(name))
    assert main(["benchmark", "--model", "lite-hrnet-30", "--engine", "torch", "--seconds", "0.1"]) == 0
    (note,) = (line for line in capsys.readouterr().err.splitlines() if "random" in line)
    assert "no weights that are here; those that are: lite-hrnet-30-256x192; random" in note


@pytest.mark.shared_data
@pytest.mark.usefixtures("_mirror")
def test_benchmark_of_the_whole_pipeline_tells_the_stages(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [shade(8 * i) for i in range(12)])
    out = tmp_path / "speed.json"
    options = ["--model", "tinypose-128x96", "--engine", "torch", "--detector", "whole-frame", "--seconds", "0.5"]
    assert main(["benchmark", *options, "--source", str(clip), "--json", str(out)]) == 0
    rows = {row["what"]: row for row in json.loads(out.read_text())["rows"]}
    assert set(rows) == {"network", "detector", "pipeline"}
    assert {"detect", "crop", "infer", "decode", "track", "smooth"} <= rows["pipeline"]["stages_ms"].keys()


def test_a_dash_for_a_file_prints_json_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("model.engines.create_engine", lambda pose, name, device, threads: FakeEngine(name))
    options = ["--model", "naive-lite-hrnet-18", "--engine", "torch", "--seconds", "0.1", "--json", "-"]
    assert main(["benchmark", *options]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["engine"] == "torch"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command", [["evaluate", "--json"], ["benchmark", "--json"], ["doctor", "--report"], ["benchmark", "--source"]]
)
def test_what_cannot_be_written_or_read_is_told_before_anything_is_measured(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    labels = ["--annotations", "labels.json", "--images", "."] if command[0] == "evaluate" else []
    assert main([*command, str(tmp_path / "file" / "x.json"), *labels]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert "x.json" in line


@pytest.mark.parametrize(
    "command", [["evaluate", "--annotations", "{}", "--images", "."], ["benchmark", "--source", "{}"]]
)
def test_figures_do_not_replace_what_is_measured(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "by hand.json"
    path.write_text('{"images": []}')
    assert main([*(part.format(path) for part in command), "--json", str(path)]) == 2
    assert "is one of the inputs" in capsys.readouterr().err
    assert path.read_text() == '{"images": []}'


def test_export_of_a_network_with_random_weights_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.model.test_export import TinyNetwork

    monkeypatch.setattr("model.export.load_network", lambda model: TinyNetwork().eval())
    out = tmp_path / "새 폴더" / "n.onnx"
    assert main(["export", "naive-lite-hrnet-18", "--random-weights", "--output", str(out)]) == 0
    assert onnxruntime.InferenceSession(out.read_bytes()).get_inputs()[0].name == "images"
    assert "random" in capsys.readouterr().err


def test_absent_library_is_one_line_that_names_doctor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ImportError("libGL.so.1: cannot open shared object file", name="cv2")

    monkeypatch.setattr("model.zoo.all_pose_models", broken)
    assert main(["models"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cv2" in line
    assert "doctor" in line


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.4, [(0, 1), (0, 1), (1, 1)]), (2.0, [(0, 2), (1, 2), (2, 2)]), (2.7, [(0, 3), (2, 3), (3, 3)])],
)
def test_the_bar_of_a_benchmark_counts_whole_seconds_up_to_its_end(
    seconds: float, shown: list[tuple[int, int]]
) -> None:
    assert [whole_seconds(share * seconds, seconds) for share in (0.1, 0.9, 1.1)] == shown


@pytest.mark.parametrize("seconds", ["inf", "nan"])
def test_a_benchmark_takes_a_time_that_ends(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--detector", "whole-frame", "--seconds", seconds]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--seconds" in line


def test_a_comparison_of_detectors_knows_a_misspelt_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--detector", "yolo", "--compare", "--seconds", "0.1"]) == 2
    assert "no detector is named 'yolo'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["benchmark", "--compare", "--engine", "torch"], "--engine"),
        (["benchmark", "--detector", "whole-frame", "--engine", "torch"], "--engine"),
        (["benchmark", "--detector", "whole-frame", "--device", "cpu"], "--device"),
        (["benchmark", "--detector", "whole-frame", "--persons", "7"], "--persons"),
        (["benchmark", "--detector", "whole-frame", "--source", "clip.mp4", "--persons", "1"], "--persons"),
        ([*EVALUATE, "--compare", "--model", "fast"], "--model"),
        ([*EVALUATE, "--compare", "--detector", "whole-frame"], "--detector"),
        ([*EVALUATE, "--compare", "--boxes", "absent.json"], "--boxes"),
        ([*EVALUATE, "--compare", "--head-boxes", "absent.mat"], "--head-boxes"),
        ([*EVALUATE, "--compare", "--flip-test"], "--flip-test"),
        ([*EVALUATE, "--compare", "--engine", "torch"], "--engine"),
        ([*EVALUATE, "--detector", "whole-frame", "--flip-test"], "--flip-test"),
        ([*EVALUATE, "--detector", "picodet-320", "--device", "cuda"], "--device"),
        ([*EVALUATE, "--detector", "whole-frame", "--decoding", "quarter"], "--decoding"),
        ([*EVALUATE, "--detector", "whole-frame", "--boxes", "detector"], "--boxes"),
    ],
)
def test_an_option_that_has_no_effect_beside_the_others_is_refused(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"leave {option} out" in line


def test_an_engine_is_of_use_to_the_pipeline_that_a_detector_is_measured_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engines = []
    monkeypatch.setattr("app.commands.benchmark._detectors", lambda *_: [])

    def pipeline(source: str, settings: Settings, threads: int | None, seconds: float) -> dict[str, object]:
        engines.append(settings.pose.engine)
        return {"device": "CPU"}

    monkeypatch.setattr("app.commands.benchmark._pipeline", pipeline)
    options = ["--detector", "whole-frame", "--source", str(DEMO_CLIP), "--engine", "torch", "--json", "-"]
    assert main(["benchmark", *options]) == 0
    assert engines == ["torch"]
