import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.detection import MARGIN, PersonFinder, letterbox, with_votes
from model.engines.preprocessing import fold_batch_norms
from model.networks.person_detector import BINS, STRIDES, build_detector, cell_points, decode_boxes, grid_sizes


@pytest.mark.parametrize(("height", "width"), [(320, 320), (256, 320), (192, 320), (224, 96), (32, 32)])
def test_every_cell_answers_at_any_size(height: int, width: int) -> None:
    torch.manual_seed(0)
    with torch.inference_mode():
        cells = build_detector().eval()(torch.randn(2, 3, height, width))
    expected = sum(rows * columns for rows, columns in grid_sizes(height, width))
    assert cells.shape == (2, expected, 5)
    assert cell_points(height, width, torch.zeros(1)).shape == (expected, 3)
    assert torch.isfinite(cells).all()
    assert (cells[..., 2:4] >= cells[..., :2]).all()
    assert ((cells[..., 4] > 0) & (cells[..., 4] < 0.1)).all(), "a fresh network is sure of nobody"


@pytest.mark.filterwarnings("ignore:`torch.jit.trace:DeprecationWarning")
def test_a_traced_network_names_no_device_and_takes_any_size() -> None:
    torch.manual_seed(0)
    network = build_detector().eval()
    with torch.inference_mode():
        traced = torch.jit.trace(network, (torch.randn(1, 3, 64, 96),), check_trace=False)
        assert "torch.device" not in traced.code
        other = torch.randn(2, 3, 128, 32)
        torch.testing.assert_close(traced(other), network(other))


def test_no_pictures_give_no_cells() -> None:
    with torch.inference_mode():
        cells = build_detector().eval()(torch.empty(0, 3, 64, 96))
    assert cells.shape == (0, sum(rows * columns for rows, columns in grid_sizes(64, 96)), 5)


def test_cells_lie_on_their_grids() -> None:
    points = cell_points(64, 96, torch.zeros(1))
    assert points[0].tolist() == [4, 4, 8]
    assert points[12].tolist() == [4, 12, 8]  # the second row: 96 / 8 cells later
    assert points[-6:].tolist() == [[x, y, 32] for y in (16, 48) for x in (16, 48, 80)]
    assert {int(stride) for stride in points[:, 2]} == set(STRIDES)


@given(st.lists(st.integers(0, BINS - 1), min_size=4, max_size=4), st.sampled_from(STRIDES))
def test_boxes_lie_as_far_from_the_cell_as_the_distributions_say(distances: list[int], stride: int) -> None:
    bins = torch.full((1, 4, BINS, 1), -50.0)
    bins[0, torch.arange(4), torch.tensor(distances)] = 50
    box = decode_boxes(bins, torch.tensor([[100.0, 60.0, float(stride)]]))[0, 0]
    left, top, right, bottom = (distance * stride for distance in distances)
    np.testing.assert_allclose(box, [100 - left, 60 - top, 100 + right, 60 + bottom], atol=1e-3)


def test_edges_are_the_means_of_their_distributions() -> None:
    """However large logits are: only how they differ counts."""
    bins = torch.randn(2, 4, BINS, 5, generator=torch.Generator().manual_seed(0)) * 3
    points = torch.tensor([[100.0, 60.0, 16.0]]).expand(5, 3)
    distances = 16 * (bins.softmax(dim=2) * torch.arange(8.0).view(8, 1)).sum(dim=2)
    left, top, right, bottom = distances.unbind(dim=1)
    expected = torch.stack((100 - left, 60 - top, 100 + right, 60 + bottom), dim=-1)
    for raised in (0.0, 300.0, -300.0):
        torch.testing.assert_close(decode_boxes(bins + raised, points), expected, atol=0.01, rtol=0)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(decode_boxes(bins, points), expected, atol=0.01, rtol=0)


def test_channels_added_to_the_stem_change_no_answer() -> None:
    torch.manual_seed(0)
    network = build_detector().eval()
    fold_batch_norms(network)
    images = torch.randn(2, 3, 64, 96)
    with torch.inference_mode():
        expected = network(images)
    network.pad_stem(16)
    assert network.stem.conv.out_channels == 32
    with torch.inference_mode():
        torch.testing.assert_close(network(images), expected)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [((480, 640), (256, 320)), ((1080, 1920), (192, 320)), ((640, 480), (320, 256)), ((50, 50), (320, 320))],
)
def test_letterbox_keeps_the_aspect(frame: tuple[int, int], expected: tuple[int, int]) -> None:
    image = np.full((*frame, 3), (10, 20, 30), np.uint8)
    pixels, (x, y) = letterbox(image)
    assert pixels.shape == (*expected, 3)
    rows, columns = round(frame[0] * y), round(frame[1] * x)
    assert max(rows, columns) == 320
    assert x == pytest.approx(y, rel=0.01)
    assert (pixels[:rows, :columns] == (30, 20, 10)).all(), "the frame fills its part, as RGB"
    assert (pixels[rows:] == MARGIN).all()
    assert (pixels[:, columns:] == MARGIN).all()


class _Cells:
    """An engine that has an answer ready."""

    name, device = "fake", "CPU"

    def __init__(self, cells: list[list[float]]) -> None:
        self._cells = np.array([cells], np.float32).reshape(1, -1, 5)

    def infer(self, crops: np.ndarray) -> np.ndarray:
        return self._cells


def test_finder_gives_frame_pixels_best_first_without_doubles() -> None:
    found = [[10, 20, 50, 100, 0.6], [12, 20, 50, 100, 0.8], [200, 20, 300, 200, 0.8], [0, 0, 9, 9, 0.2]]
    boxes, scores = PersonFinder(_Cells(found)).find(np.zeros((480, 640, 3), np.uint8), 0.3)
    np.testing.assert_allclose(boxes, [[24, 40, 100, 200], [400, 40, 600, 400]], rtol=1e-6)
    np.testing.assert_allclose(
        scores, np.sqrt([0.8 * (1 - np.exp(-0.3 * 1.4)), 0.8 * (1 - np.exp(-0.3 * 0.8))]), rtol=1e-5
    )


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.45])
def test_a_threshold_only_leaves_out(threshold: float) -> None:
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 200, (300, 2))
    cells = np.column_stack([corners, corners + rng.uniform(20, 120, (300, 2)), rng.beta(1, 3, 300)])
    frame = np.zeros((320, 320, 3), np.uint8)
    boxes, scores = PersonFinder(_Cells(cells.tolist())).find(frame, threshold)
    every_box, every_score = PersonFinder(_Cells(cells.tolist())).find(frame, 0)
    assert 0 < len(scores) <= len(every_score)
    assert np.all(np.diff(scores) <= 0)
    np.testing.assert_array_equal(boxes, every_box[every_score >= threshold])
    np.testing.assert_array_equal(scores, every_score[every_score >= threshold])


def test_cells_that_say_the_same_box_make_it_likelier() -> None:
    box, apart = [10.0, 20, 50, 100], [200.0, 20, 300, 200]
    alike = [[x, 20.0, 40 + x, 100] for x in (11, 9, 12)]
    boxes = np.array([box, apart], np.float32)
    votes = np.array([box, apart, *alike], np.float32)
    likely = with_votes(boxes, np.full(2, 0.5, np.float32), votes, np.full(5, 0.5, np.float32))
    assert 0 < likely[1] < likely[0] < 1
    doubtful = with_votes(boxes, np.full(2, 0.5, np.float32), votes, np.array([0.5, 0.5, 0.1, 0.1, 0.1], np.float32))
    assert likely[1] == doubtful[1] < doubtful[0] < likely[0]
    surer = with_votes(boxes, np.array([0.6, 0.5], np.float32), votes, np.full(5, 0.5, np.float32))
    assert surer[0] > likely[0]


def test_nobody() -> None:
    boxes, scores = PersonFinder(_Cells([])).find(np.zeros((48, 64, 3), np.uint8), 0.3)
    assert boxes.shape == (0, 4)
    assert scores.shape == (0,)
