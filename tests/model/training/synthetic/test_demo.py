"""The shipped demo clip and its true keypoints."""

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from model.arrays import FloatArray, UInt8Array
from model.checkpoints.loading import load_checkpoint
from model.geometry import cut_crops, to_frame
from model.heatmaps import decode
from model.networks import build_network
from model.skeletons import COCO_17
from model.training.synthetic.annotations import OUTSIDE, VISIBLE

ASSETS = Path(__file__).resolve().parents[4] / "assets"
CLIP = ASSETS / "demo.mp4"
FRAMES = 300


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ASSETS / "demo_keypoints.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def tracks(truth: dict[str, Any]) -> dict[int, FloatArray]:
    """By track id, (FRAMES, 17, 3) x, y and flag."""
    found = {1: np.zeros((FRAMES, 17, 3), np.float32), 2: np.zeros((FRAMES, 17, 3), np.float32)}
    for entry in truth["annotations"]:
        found[entry["track_id"]][entry["image_id"]] = np.reshape(entry["keypoints"], (17, 3))
    return found


def pictures(*wanted: int) -> dict[int, UInt8Array]:
    with av.open(str(CLIP)) as container:
        frames = enumerate(container.decode(video=0))
        return {index: frame.to_ndarray(format="bgr24") for index, frame in frames if index in wanted}


def test_the_clip_is_ten_seconds_that_every_player_plays() -> None:
    assert CLIP.stat().st_size < 2_000_000
    with av.open(str(CLIP)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (854, 480)
        times = [float(frame.pts * frame.time_base) for frame in container.decode(stream)]
    np.testing.assert_allclose(times, np.arange(FRAMES) / 30, atol=1e-3)


def test_every_frame_has_its_image_entry(truth: dict[str, Any]) -> None:
    assert [image["frame_index"] for image in truth["images"]] == list(range(FRAMES))
    assert truth["images"][123]["file_name"] == "demo.mp4#000123"
    assert truth["images"][123]["time_s"] == pytest.approx(4.1)
    assert truth["categories"][0]["keypoints"] == list(COCO_17.keypoint_names)


def test_both_people_are_labelled_in_every_frame(truth: dict[str, Any]) -> None:
    seen = {(entry["image_id"], entry["track_id"]) for entry in truth["annotations"]}
    assert seen == {(frame, track) for frame in range(FRAMES) for track in (1, 2)}
    assert len({entry["id"] for entry in truth["annotations"]}) == 2 * FRAMES


def test_keypoints_lie_in_the_frame_and_visible_ones_in_their_box(truth: dict[str, Any]) -> None:
    for entry in truth["annotations"]:
        keypoints = np.reshape(entry["keypoints"], (17, 3))
        labelled, visible = keypoints[keypoints[:, 2] > OUTSIDE], keypoints[keypoints[:, 2] == VISIBLE]
        assert entry["num_keypoints"] == len(labelled)
        assert (labelled[:, :2] > -0.5).all()
        assert (labelled[:, :2] < (853.5, 479.5)).all()
        x, y, width, height = entry["bbox"]
        assert (visible[:, :2] >= (x - 2, y - 2)).all()
        assert (visible[:, :2] <= (x + width + 2, y + height + 2)).all()
        assert 0 < entry["area"] <= width * height


def test_people_move_smoothly(tracks: dict[int, FloatArray]) -> None:
    for track in tracks.values():
        steps = np.linalg.norm(np.diff(track[..., :2], axis=0), axis=2)
        steps[(track[1:, :, 2] == OUTSIDE) | (track[:-1, :, 2] == OUTSIDE)] = 0
        assert steps.max() < 30


def test_somebody_walks_waves_and_turns(tracks: dict[int, FloatArray]) -> None:
    names = COCO_17.keypoint_names
    nose, left_shoulder, right_shoulder = (names.index(name) for name in ("nose", "left_shoulder", "right_shoulder"))
    wrists = [names.index("left_wrist"), names.index("right_wrist")]
    for track in tracks.values():
        assert np.ptp(track[:, nose, 0]) > 100
        raised = track[:, wrists, 1] < track[:, [nose], 1]
        assert raised.any(1).sum() > 30
        # From the front the left shoulder is on the right of the picture, from behind on the left.
        facing = track[:, left_shoulder, 0] - track[:, right_shoulder, 0]
        assert facing.max() > 30
        assert facing.min() < -30
    assert min((track[:, nose, 2] != VISIBLE).sum() for track in tracks.values()) > 20


@pytest.mark.shared_data
def test_a_published_network_finds_the_true_keypoints(
    truth: dict[str, Any], tracks: dict[int, FloatArray], shared_dir: Path
) -> None:
    network = build_network("wider-naive-lite-hrnet-18", 17)
    load_checkpoint(network, shared_dir / "weights/pp-tinypose-ncnn/tinypose_256x192.param")
    from model.engines.torch_engine import TorchEngine

    engine = TorchEngine(network, "cpu", folded=False, threads=1)
    similarities = []
    for index, picture in pictures(30, 100, 145, 170, 260, 295).items():
        entries = [entry for entry in truth["annotations"] if entry["image_id"] == index]
        boxes = np.array([entry["bbox"] for entry in entries], np.float32)
        boxes[:, 2:] += boxes[:, :2]
        found = to_frame(decode(engine.infer(cut_crops(picture, boxes, (256, 192)))).keypoints, boxes, (256, 192))
        for entry, keypoints in zip(entries, found, strict=True):
            true = np.reshape(entry["keypoints"], (17, 3))
            distance = ((keypoints - true[:, :2]) ** 2).sum(1) / (2 * entry["area"] * (2 * COCO_17.sigmas) ** 2)
            similarities.append(np.exp(-distance)[true[:, 2] > OUTSIDE].mean())
    assert np.mean(similarities) > 0.85
    assert np.min(similarities) > 0.6
