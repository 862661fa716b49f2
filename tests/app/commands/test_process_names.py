"""`process` where names of outputs and inputs meet."""

from pathlib import Path

import cv2
import pytest

from app.commands import main
from tests.app.clips import shade, write_clip
from tests.app.commands.process_runs import frames_of
from tests.app.keypoint_files import read_keypoints_jsonl

pytestmark = pytest.mark.usefixtures("fake_networks")


@pytest.mark.parametrize("as_folder", [False, True])
@pytest.mark.parametrize(
    ("names", "made"),
    [(("a.avi", "a.mp4"), {"a-2.mp4", "a-3.mp4"}), (("a.avif", "a.png"), {"a-2.png", "a-3.png"})],
)
def test_beside_the_inputs_outputs_get_a_number(
    tmp_path: Path, names: tuple[str, str], made: set[str], as_folder: bool
) -> None:
    paths = [tmp_path / name for name in names]
    for path in paths:
        if path.suffix in (".avi", ".mp4"):
            write_clip(path, [shade(90)] * 2)
        else:
            path.write_bytes(cv2.imencode(path.suffix, shade(90))[1].tobytes())
    contents = [path.read_bytes() for path in paths]
    inputs = [tmp_path] if as_folder else paths
    assert main(["process", *map(str, inputs), "--output", str(tmp_path)]) == 0
    assert [path.read_bytes() for path in paths] == contents
    assert {path.name for path in tmp_path.iterdir()} == {*names} | made


def test_inputs_of_one_name_pass_over_the_one_in_the_folder_of_the_outputs(tmp_path: Path) -> None:
    clips = [tmp_path / folder / "clip.mp4" for folder in ("a", "b")]
    for length, path in enumerate(clips, start=2):
        path.parent.mkdir()
        write_clip(path, [shade(90)] * length)
    content = clips[1].read_bytes()
    assert main(["process", *map(str, clips), "--output", str(tmp_path / "b")]) == 0
    assert clips[1].read_bytes() == content
    assert [len(frames_of(tmp_path / "b" / f"clip-{number}.mp4")) for number in (2, 3)] == [2, 3]


def test_a_numbered_recording_beside_the_input_is_not_replaced(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [shade(90)] * 2)
    second = tmp_path / "clip-2.mp4"
    second.write_bytes(b"another recording")
    assert main(["process", str(clip), "--output", str(tmp_path)]) == 0
    assert second.read_bytes() == b"another recording"
    assert len(frames_of(tmp_path / "clip-3.mp4")) == 2


def test_a_table_in_a_folder_passes_over_the_one_that_was_named(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", [shade(90)] * 2)
    folder = tmp_path / "out"
    named = folder / "clip-angles.csv"
    assert main(["process", str(clip), "--keypoints", str(named), "--angles", str(folder)]) == 0
    assert {path.name for path in folder.iterdir()} == {"clip-angles.csv", "clip-angles-2.csv"}
    assert "keypoint" in named.read_text().splitlines()[0]


def test_each_picture_of_a_folder_is_named_with_its_own_size(tmp_path: Path) -> None:
    pictures = tmp_path / "사진"
    pictures.mkdir()
    for name, size in (("a.png", (48, 64)), ("둘.png", (96, 20))):
        (pictures / name).write_bytes(cv2.imencode(".png", shade(90, size))[1].tobytes())
    (pictures / "b.png").write_bytes(b"no picture")
    assert main(["process", str(pictures), "--keypoints", str(tmp_path / "r.jsonl")]) == 2
    header, results = read_keypoints_jsonl(tmp_path / "r.jsonl")
    assert (header.height, header.width) == (48, 64)
    assert [(result.picture, result.image_size) for result in results] == [("a.png", (48, 64)), ("둘.png", (96, 20))]
