"""`process` as a user meets it: inputs, outputs and their names."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.commands import main, process
from app.outputs import Networks
from app.settings import Settings
from tests.app.clips import beep_starts, shade, write_clip
from tests.app.commands.process_runs import NETWORKS, FakePipeline, frames_of
from tests.app.keypoint_files import read_keypoints_jsonl
from tests.app.web import serve

pytestmark = pytest.mark.usefixtures("fake_networks")


def test_video_gives_an_overlay_and_keypoints(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video, keypoints = tmp_path / "새 폴더" / "out put.mp4", tmp_path / "out.jsonl"
    assert main(["process", str(clip), "--output", str(video), "--keypoints", str(keypoints)]) == 0
    np.testing.assert_allclose(frames_of(video), np.arange(30) / 25, atol=1e-4)
    header, results = read_keypoints_jsonl(keypoints)
    assert (header.source, header.model, header.detector) == (clip.name, "fake-model", "fake-detector")
    assert [result.frame_index for result in results] == list(range(30))
    assert results[0].persons[0].keypoints[0].tolist() == [32, 24]
    summary = capsys.readouterr().err
    assert "30 frames, 1 person" in summary
    assert str(video) in summary


def test_a_video_from_a_web_address_keeps_its_sound(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mkv", [shade(90)] * 50, audio_codec="aac")
    out = tmp_path / "out.mp4"
    with serve(tmp_path) as address:
        assert main(["process", f"{address}/clip.mkv", "--output", str(out)]) == 0
    assert len(frames_of(out)) == 50
    assert beep_starts(out) == pytest.approx(beep_starts(tmp_path / "clip.mkv"), abs=0.01)


def test_several_inputs_go_into_a_folder_under_their_own_names(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    write_clip(inputs / "a.mp4", [shade(90)] * 3)
    write_clip(inputs / "a.mkv", [shade(90)] * 4)
    cv2.imwrite(str(inputs / "p1.png"), shade(90))
    cv2.imwrite(str(inputs / "p2.bmp"), shade(90))
    out = tmp_path / "out"
    code = main(["process", str(inputs), str(inputs / "a.mp4"), "--output", str(out), "--keypoints", str(out)])
    assert code == 0
    made = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert made == sorted(
        ["in/p1.png", "in/p2.bmp", "in.jsonl", "a.mkv", "a.jsonl", "a-2.mp4", "a-2.jsonl", "a-3.mp4", "a-3.jsonl"]
    )


def test_folder_of_pictures_named_by_coco_ids_gives_coco_results(tmp_path: Path) -> None:
    pictures = tmp_path / "val2017"
    pictures.mkdir()
    for number in (785, 139):
        cv2.imwrite(str(pictures / f"{number:012d}.png"), shade(90))
    assert main(["process", str(pictures), "--keypoints", str(tmp_path / "r.json")]) == 0
    results = json.loads((tmp_path / "r.json").read_text())
    assert [result["image_id"] for result in results] == [139, 785]


def test_pictures_of_one_number_keep_coco_ids_of_their_own(tmp_path: Path) -> None:
    for name in ("1.png", "01.png", "2.png"):
        cv2.imwrite(str(tmp_path / name), shade(90))
    assert main(["process", str(tmp_path), "--keypoints", str(tmp_path / "r.json")]) == 0
    assert [result["image_id"] for result in json.loads((tmp_path / "r.json").read_text())] == [0, 1, 2]


@pytest.mark.parametrize(("name", "image_id"), [("000000000139.png", 139), ("holiday.png", 0)])
def test_a_single_picture_has_the_coco_id_that_it_is_named_by(tmp_path: Path, name: str, image_id: int) -> None:
    cv2.imwrite(str(tmp_path / name), shade(90))
    assert main(["process", str(tmp_path / name), "--keypoints", str(tmp_path / "r.json")]) == 0
    (result,) = json.loads((tmp_path / "r.json").read_text())
    assert result["image_id"] == image_id


def test_angles_are_a_table(clip: Path, tmp_path: Path) -> None:
    assert main(["process", str(clip), "--angles", str(tmp_path / "a.csv")]) == 0
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "frame,time_s,person,joint,degrees"
    assert len(lines) == 1 + 30 * 8
    assert lines[9] == "1,0.04,1,left_elbow,"


def test_angles_of_several_inputs_go_into_a_folder_beside_the_keypoints(tmp_path: Path) -> None:
    inputs = [str(write_clip(tmp_path / name, [shade(90)] * 2)) for name in ("a.mp4", "a.mkv", "b.mp4")]
    out = tmp_path / "out"
    assert main(["process", *inputs, "--keypoints", str(out), "--angles", str(out)]) == 0
    made = sorted(path.name for path in out.iterdir())
    assert made == ["a-2.jsonl", "a-angles-2.csv", "a-angles.csv", "a.jsonl", "b-angles.csv", "b.jsonl"]


def test_pictures_that_would_share_a_name_get_their_own(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for suffix in (".png", ".avif", ".jpg"):
        (pictures / f"a{suffix}").write_bytes(cv2.imencode(suffix, shade(90))[1].tobytes())
    out = tmp_path / "out"
    assert main(["process", str(pictures), "--output", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["a-2.png", "a.jpg", "a.png"]


def test_options_go_before_the_settings_file(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Settings] = []

    def load(settings: Settings) -> tuple[FakePipeline, Networks]:
        asked.append(settings)
        return FakePipeline(), NETWORKS

    monkeypatch.setattr(process, "_load", load)
    arguments = [
        "--person-threshold",
        "0.3",
        "--max-persons",
        "4",
        "--detect-every",
        "7",
        "--keypoint-threshold",
        "0.2",
    ]
    assert main(["process", str(clip), "--output", str(tmp_path / "o.mp4"), *arguments]) == 0
    (settings,) = asked
    assert (settings.detection.person_threshold, settings.detection.max_persons) == (0.3, 4)
    assert (settings.detection.every_n, settings.pose.keypoint_threshold) == (7, 0.2)


def test_input_is_never_overwritten(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = clip.read_bytes()
    for spec in (str(clip), clip.as_uri(), f"file://{clip}"):
        assert main(["process", spec, "--output", str(clip)]) == 2
        shown = capsys.readouterr().err
        assert "is one of the inputs" in shown
        assert "frames" not in shown, "seen before any work is done"
    assert clip.read_bytes() == content


def test_tables_beside_a_recording_are_never_replaced(clip: Path) -> None:
    folder = clip.parent
    recorded = [folder / f"{clip.stem}.jsonl", folder / f"{clip.stem}-angles.csv"]
    for path in recorded:
        path.write_text("recorded")
    for _ in range(2):
        made = ["--output", str(folder), "--keypoints", str(folder), "--angles", str(folder)]
        assert main(["process", str(clip), *made]) == 0
    assert [path.read_text() for path in recorded] == ["recorded"] * 2
    for path in (clip, *recorded):
        numbered = [path.with_name(f"{path.stem}-{number}{path.suffix}").exists() for number in (2, 3, 4)]
        assert numbered == [True, True, False], "a picture and its tables have one number"


@pytest.mark.parametrize("kind", ["16 bit", "grey", "alpha", "colour"])
def test_every_kind_of_picture_is_processed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "사진.png"
    picture = {
        "16 bit": np.full((40, 60, 3), 30_000, np.uint16),
        "grey": np.full((40, 60), 90, np.uint8),
        "alpha": np.full((40, 60, 4), 90, np.uint8),
        "colour": np.full((40, 60, 3), 90, np.uint8),
    }[kind]
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    assert main(["process", str(path), "--output", str(tmp_path / "out.png")]) == 0
    assert cv2.imread(str(tmp_path / "out.png")).shape == (40, 60, 3)
