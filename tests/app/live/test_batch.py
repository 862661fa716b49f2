"""Files processed whole: all that can be, and what was begun is whole."""

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.live import batch as batch_module
from app.live.batch import Batch, BatchChoice
from app.live.building import MissingWeightsError
from app.settings import Settings
from app.sources.video_file import VideoFileSource
from app.stand_ins import BUILT_IN
from model.errors import EngineError
from model.zoo import resolve
from tests.app.clips import shades, write_clip
from tests.app.keypoint_files import read_keypoints_jsonl
from tests.app.live.fakes import Builder, wait_for, with_model


@pytest.fixture
def clips(tmp_path: Path) -> tuple[Path, ...]:
    (tmp_path / "깨진 것.mp4").write_bytes(b"no video at all")
    good = [write_clip(tmp_path / name, shades(8)) for name in ("하나.mp4", "둘 2.mkv")]
    return good[0], tmp_path / "깨진 것.mp4", good[1]


def test_each_file_gets_what_was_chosen_and_a_bad_one_is_told(clips, tmp_path: Path) -> None:
    folder = tmp_path / "결과"
    batch = Batch(clips, BatchChoice(folder, angles=True), Settings(), Builder())
    batch.start()
    batch.join(30)
    jobs = batch.jobs()
    assert [job.state for job in jobs] == ["done", "failed", "done"]
    assert "깨진 것.mp4" in jobs[1].failure.sentence
    assert jobs[0].done == jobs[0].total == 8
    names = ["둘 2-angles.csv", "둘 2.jsonl", "둘 2.mkv", "하나-angles.csv", "하나.jsonl", "하나.mp4"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert len(list(VideoFileSource(folder / "하나.mp4"))) == 8
    assert len(read_keypoints_jsonl(folder / "둘 2.jsonl")[1]) == 8
    assert set(jobs[0].written) == {folder / name for name in names[3:]}


def test_cancelling_leaves_whole_files_and_the_rest_untouched(clips, tmp_path: Path) -> None:
    builder = Builder()
    builder.inference_s = 0.1
    folder = tmp_path / "out"
    batch = Batch((clips[0], clips[2]), BatchChoice(folder), Settings(), builder)
    batch.start()
    wait_for(lambda: batch.jobs()[0].done >= 2)
    batch.cancel()
    batch.join(30)
    assert [job.state for job in batch.jobs()] == ["cancelled", "cancelled"]
    frames = len(list(VideoFileSource(folder / "하나.mp4")))
    assert 2 <= frames < 8
    assert len(read_keypoints_jsonl(folder / "하나.jsonl")[1]) == frames
    assert builder.pipelines[0].closed


def test_files_are_added_while_it_works_and_not_after(clips, tmp_path: Path) -> None:
    builder = Builder()
    builder.inference_s = 0.02
    batch = Batch(clips[:1], BatchChoice(tmp_path / "out"), Settings(), builder)
    batch.start()
    wait_for(lambda: batch.jobs()[0].done >= 1)
    assert batch.add(clips[1:])
    batch.join(30)
    assert [job.state for job in batch.jobs()] == ["done", "failed", "done"]
    assert not batch.add(clips)
    assert len(batch.jobs()) == 3


def test_where_every_file_fails_no_folder_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    for made in (False, True):
        folder = tmp_path / f"out {made}"
        if made:
            folder.mkdir()
        batch = Batch((tmp_path / "a.mp4", tmp_path / "none.mp4"), BatchChoice(folder), Settings(), Builder())
        batch.start()
        batch.join(30)
        assert [job.state for job in batch.jobs()] == ["failed", "failed"]
        assert folder.exists() == made


def test_folders_of_pictures_have_folders_of_their_own_whenever_they_are_added(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        for name in ("x.png", "y.png"):
            cv2.imencode(".png", np.full((48, 64, 3), 90, np.uint8))[1].tofile(folder / name)
    builder = Builder()
    builder.gate = threading.Semaphore(0)
    batch = Batch(folders[:1], BatchChoice(tmp_path / "out"), Settings(), builder)
    batch.start()
    wait_for(lambda: batch.jobs()[0].state == "working")
    assert batch.add(folders[1:])
    builder.gate.release(4)
    batch.join(30)
    assert [job.state for job in batch.jobs()] == ["done", "done"]
    drawn = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.png"))
    assert drawn == [str(Path(folder, name)) for folder in ("one", "two") for name in ("x.png", "y.png")]


def test_a_file_added_while_it_works_is_not_overwritten_by_its_result(clips, tmp_path: Path) -> None:
    before = clips[2].read_bytes()
    builder = Builder()
    builder.inference_s = 0.02
    batch = Batch(clips[:1], BatchChoice(tmp_path), Settings(), builder)
    batch.start()
    wait_for(lambda: batch.jobs()[0].done >= 1)
    assert batch.add(clips[2:])
    batch.join(30)
    assert batch.jobs()[1].state == "done"
    assert clips[2].read_bytes() == before
    assert len(list(VideoFileSource(tmp_path / "둘 2-2.mkv"))) == 8


def test_each_file_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list may hold thousands."""
    looked_up: list[Path] = []
    monkeypatch.setattr(batch_module, "files_of", lambda path: looked_up.append(path) or [path])
    paths = tuple(tmp_path / f"{number}.mp4" for number in range(20))
    batch = Batch(paths, BatchChoice(tmp_path / "out"), Settings(), Builder())
    batch.run()
    assert all(job.state == "failed" for job in batch.jobs())
    assert looked_up == list(paths)


def test_networks_that_cannot_be_loaded_fail_every_file(clips, tmp_path: Path) -> None:
    builder = Builder()
    builder.errors["default"] = EngineError("device cuda: no GPU here; use --device cpu")
    batch = Batch(clips, BatchChoice(tmp_path / "out"), Settings(), builder)
    batch.start()
    batch.join(10)
    assert {job.state for job in batch.jobs()} == {"failed"}
    assert batch.jobs()[0].failure.sentence == "device cuda: no GPU here; use --device cpu"
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_fails_every_file(clips, tmp_path: Path) -> None:
    builder = Builder()
    batch = Batch(clips, BatchChoice(clips[0] / "out"), Settings(), builder)
    batch.start()
    batch.join(10)
    assert {job.state for job in batch.jobs()} == {"failed"}
    assert "cannot write" in batch.jobs()[0].failure.sentence
    assert builder.pipelines[0].closed


@pytest.mark.parametrize("running", [None, "quick"])
def test_what_runs_or_comes_along_works_in_place_of_missing_weights(clips, tmp_path: Path, running: str | None) -> None:
    builder = Builder()
    builder.errors["default"] = MissingWeightsError((resolve("default"),))
    instead = None if running is None else with_model(Settings(), running)
    batch = Batch(clips[:1], BatchChoice(tmp_path / "out"), Settings(), builder, instead)
    batch.start()
    batch.join(30)
    assert [job.state for job in batch.jobs()] == ["done"]
    expected = running or resolve(BUILT_IN).name
    assert batch.stands_in is not None
    assert batch.stands_in.model == expected
    header, _ = read_keypoints_jsonl(tmp_path / "out" / "하나.jsonl")
    assert header.model == expected


def test_weights_that_are_here_need_nothing_in_their_place(clips, tmp_path: Path) -> None:
    batch = Batch(clips[:1], BatchChoice(tmp_path / "out"), Settings(), Builder(), with_model(Settings(), "quick"))
    batch.start()
    batch.join(30)
    assert batch.stands_in is None
    assert read_keypoints_jsonl(tmp_path / "out" / "하나.jsonl")[0].model == "default"
