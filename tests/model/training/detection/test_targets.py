import torch

from model.networks.person_detector import cell_points
from model.training.detection.objective import told
from model.training.detection.targets import assign, pairwise_iou
from model.training.detection.teacher import Taught

POINTS = cell_points(128, 128, torch.zeros(1))
PERSON = torch.tensor([[[20.0, 16.0, 76.0, 112.0]]])


def test_the_cells_that_are_about_to_find_a_person_get_it() -> None:
    predicted = torch.cat([POINTS[:, :2] - 4, POINTS[:, :2] + 4], dim=1)[None]
    good = [100, 101, 102]
    predicted[0, good] = PERSON[0]
    predicted[0, 102, 2] -= 20
    inside = (POINTS[good, :2] > PERSON[0, 0, :2]).all() and (POINTS[good, :2] < PERSON[0, 0, 2:]).all()
    assert inside, "the test's own cells"
    scores = torch.full((1, len(POINTS)), 0.1)
    scores[0, 101] = 0.2
    targets = assign(PERSON, torch.tensor([[0.8]]), predicted, scores, POINTS)
    assert targets.scores[0, 101] == torch.tensor(0.8), "the best cell: its overlap, times how sure the label is"
    torch.testing.assert_close(targets.scores[0, 100], torch.tensor(0.4), msg="half as sure, as good a box")
    assert 0 < targets.scores[0, 102] < targets.scores[0, 100]
    assert (targets.boxes[0, good] == PERSON[0]).all()
    assert targets.scores.count_nonzero() <= 10


def test_a_fresh_network_is_asked_for_everybody_nonetheless() -> None:
    people = torch.tensor([[[20.0, 16.0, 76.0, 112.0], [90.0, 90.0, 98.0, 104.0], [0.0, 0.0, 128.0, 128.0]]])
    nowhere = torch.cat([POINTS[:, :2], POINTS[:, :2]], dim=1)[None]
    targets = assign(people, torch.ones(1, 3), nowhere, torch.full((1, len(POINTS)), 0.01), POINTS)
    claimed = targets.boxes[0][targets.scores[0] > 0]
    assert {tuple(box.tolist()) for box in claimed} == {tuple(person.tolist()) for person in people[0]}


def test_of_unsure_labels_nothing_is_asked() -> None:
    boxes = torch.cat([PERSON, torch.tensor([[[84.0, 84.0, 124.0, 124.0], [0.0, 0.0, 0.0, 0.0]]])], dim=1)
    predicted = torch.cat([POINTS[:, :2] - 8, POINTS[:, :2] + 8], dim=1)[None]
    sure = torch.tensor([[0.9, 0.4, 0.0]])
    targets = assign(boxes, sure, predicted, torch.full((1, len(POINTS)), 0.1), POINTS)
    in_unsure = ((POINTS[:, :2] > 84) & (POINTS[:, :2] < 124)).all(dim=1)
    assert (targets.weights[0, in_unsure] == 0).all()
    assert (targets.scores[0, in_unsure] == 0).all()
    assert (targets.weights[0, ~in_unsure] == 1).all()


def test_nobody_at_all() -> None:
    predicted = torch.zeros(2, len(POINTS), 4)
    targets = assign(torch.zeros(2, 1, 4), torch.zeros(2, 1), predicted, torch.full((2, len(POINTS)), 0.1), POINTS)
    assert not targets.scores.any()
    assert (targets.weights == 1).all()


def test_overlaps() -> None:
    boxes = torch.tensor([[[0.0, 0.0, 10.0, 10.0]]])
    others = torch.tensor([[[0.0, 0.0, 10.0, 10.0], [5.0, 0.0, 15.0, 10.0], [20.0, 20.0, 30.0, 30.0]]])
    torch.testing.assert_close(pairwise_iou(boxes, others), torch.tensor([[[1.0, 1 / 3, 0.0]]]))


def test_the_teacher_is_not_believed_where_nobody_is() -> None:
    """On a bare tone it is sure of a person who fills the frame."""
    cells = len(POINTS)
    taught = Taught(torch.full((2, cells), 0.9), PERSON.expand(2, cells, 4), torch.zeros(2, cells, 4, 8), [])
    targets = told(taught, torch.stack([PERSON[0], torch.zeros(1, 4)]))
    assert (targets.scores[0] == taught.scores[0]).all()
    assert (targets.scores[1] == 0).all()
    assert (targets.weights == 1).all()
