from pathlib import Path

import cv2
import numpy as np
import pytest

from model.errors import DatasetError
from model.training.curve import draw_curves, read_curves

LOG = "images,phase,AP,oks\n100,0,0.1,0.2\n300,1,0.3,0.5\n"


def test_a_log_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    log = tmp_path / "run.csv"
    log.write_text(LOG)
    assert read_curves(log) == ([100, 300], {"AP": [0.1, 0.3], "mean OKS": [0.2, 0.5]})
    boxes = tmp_path / "boxes.csv"
    boxes.write_text("images,phase,AP50,recall\n100,0,0.4,0.2\n300,1,0.6,0.5\n")
    assert read_curves(boxes) == ([100, 300], {"AP50": [0.4, 0.6]})
    mpii = tmp_path / "mpii.csv"
    mpii.write_text("images,phase,PCKh\n100,0,0.4\n")
    assert read_curves(mpii) == ([100], {"PCKh": [0.4]})
    draw_curves([log, boxes], tmp_path / "곡선.png")
    picture = cv2.imdecode(np.fromfile(tmp_path / "곡선.png", np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (480, 840, 3)
    assert picture.std() > 5


@pytest.mark.parametrize("name", ["none/curve.png", "curve.doc"])
def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "run.csv").write_text(LOG)
    with pytest.raises(DatasetError, match=f"cannot write .*{name}"):
        draw_curves([tmp_path / "run.csv"], tmp_path / name)


def test_another_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot read"):
        read_curves(tmp_path / "none.csv")
    for content in ("a,b\n1,2\n", "images,b\n1,2\n", "images,AP\n", "images,AP\n1,x\n"):
        (tmp_path / "other.csv").write_text(content)
        with pytest.raises(DatasetError, match="is not a run's metrics"):
            read_curves(tmp_path / "other.csv")
