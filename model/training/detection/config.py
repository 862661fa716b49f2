"""What a run of the person detector is made of."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from model.training.config import RunConfig, Section, Share, Stretch


class CanvasAugmentation(Section):
    """How pictures are laid on a canvas of the input's size, and changed.

    A share `mosaic` of the canvases shows parts of four pictures, a share `empty` a place without people or nothing but
    a tone, the others one picture. `smallest` and `largest` bound the scale, of which 1 covers the whole place.
    `stretch` is by how much more width may change than height, `tilt_deg` how far a picture may lean, as people do at
    the edge of a wide lens. `cut_outs` is a folder of animals and things without their surroundings, laid over a share
    `pasted` of the canvases. A share `mixed` shows another canvas through.
    """

    mosaic: Share = 0.5
    empty: Share = 0.05
    smallest: float = Field(0.45, gt=0.0, le=1.0)
    largest: float = Field(1.6, ge=1.0, le=4.0)
    stretch: float = Field(0.0, ge=0.0, le=1.0)
    tilt_deg: float = Field(0.0, ge=0.0, le=45.0)
    flip: Share = 0.5
    colour: Share = 0.3
    cut_outs: Path | None = None
    pasted: Share = 0.5
    mixed: Share = 0.0


class DetectorTeacher(Section):
    """PicoDet-S, and the weight of each way to learn from it.

    `graph` is its OpenVINO graph (.xml, with the .bin beside it). `answers` weighs its scores and boxes against the
    labels (0: labels alone, 1: its answers alone), `features` the match of the maps inside.
    """

    graph: Path
    answers: Share = 1.0
    features: float = Field(1.0, ge=0.0)


class DetectorPhase(Stretch):
    """A stretch of the detector's training."""

    augmentation: CanvasAugmentation = CanvasAugmentation()
    teacher: DetectorTeacher | None = None

    @property
    def taught_by(self) -> tuple[str, ...]:
        return () if self.teacher is None else self.teacher.graph.parts[-2:]


class DetectorTrainingConfig(RunConfig):
    """The person detector's run."""

    network: Literal["person-detector"]
    phases: tuple[DetectorPhase, ...] = Field(min_length=1)

    @property
    def stretches(self) -> Sequence[Stretch]:
        return self.phases
