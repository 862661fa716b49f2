"""What a training run is made of, as a YAML file says it: typed, and checked before anything is read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from model.input_size import InputSize
from model.networks import NETWORK_NAMES


def _size(text: str) -> str:
    return str(InputSize.parse(text))


def _network(name: str) -> str:
    if name not in NETWORK_NAMES:
        raise ValueError(f"no network is named {name!r}; choose one of {', '.join(NETWORK_NAMES)}")
    return name


SizeText = Annotated[str, AfterValidator(_size)]
NetworkName = Annotated[str, AfterValidator(_network)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Section(BaseModel):
    """A part of a configuration: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DataSet(Section):
    """One set in COCO's or MPII's format, told apart by content.

    `weight` 2 draws its people twice as often as those of a set with weight 1.
    """

    annotations: Path
    images: Path
    weight: float = Field(1.0, gt=0.0, le=1000.0)


class Augmentation(Section):
    """Strength of random changes: shares of samples, and largest changes as fractions or degrees.

    A share `coarse` of the crops is shown as a picture with up to four times fewer pixels a side would show it: people
    far away, of whom photographs of sport have few. A share `cut` is shown as if the picture ended within the person,
    and in a share `covered` a part of the crop is hidden by something else.
    """

    flip: Share = 0.5
    half_body: Share = 0.3
    scale: float = Field(0.25, ge=0.0, lt=1.0)
    rotation_deg: float = Field(30.0, ge=0.0, le=180.0)
    rotation_share: Share = 0.6
    shift: float = Field(0.0, ge=0.0, le=0.5)
    colour: Share = 0.0
    coarse: Share = 0.0
    cut: Share = 0.0
    covered: Share = 0.0

    @classmethod
    def none(cls) -> Self:
        """Crops as inference cuts them."""
        return cls(flip=0, half_body=0, scale=0, rotation_deg=0, rotation_share=0, shift=0, colour=0, coarse=0)


class Schedule(Section):
    """How the learning rate goes: a linear warm-up, then steps at shares of the phase, or a cosine down to `last`."""

    kind: Literal["step", "cosine"] = "cosine"
    warmup_steps: int = Field(100, ge=0)
    steps_at: tuple[Share, ...] = (170 / 210, 200 / 210)
    step_factor: float = Field(0.1, gt=0.0, lt=1.0)
    last: Share = 0.01


class Teacher(Section):
    """A trained network to learn from, and the weight of each way to do so.

    `heatmaps` weighs its heatmaps against the labels (0: labels alone, 1: its heatmaps alone). `features` weighs the
    match of features at the end of every module. With `fed` every module is fed the teacher's features and learns by
    itself; otherwise the network runs from end to end. `segments` trains the first of both networks' segments alone, by
    their features (1: the stem), at the price of their part of a step.
    """

    network: NetworkName
    weights: Path
    heatmaps: Share = 0.5
    features: float = Field(0.0, ge=0.0)
    fed: bool = False
    segments: int | None = Field(None, ge=1)


class Stretch(Section):
    """A stretch of training with one input size and one learning rate's course, whatever is trained.

    `vector_rate` multiplies the learning rate of biases and of batch norm's scales and shifts, which have far to go
    from 1 and 0 to a teacher's statistics. With `frozen_statistics` batch norm goes by the means and variances that it
    has, as in use, and learns its scales and shifts alone: for tuning what is trained. `statistics_from` so many images
    batch norm's statistics of the averaged weights are taken at the end, for those met on the way are of other weights;
    0 keeps their average. `minutes` ends the stretch, which must be a run's last, by the clock where `images` has not:
    for a machine that is lent for a time. The learning rate then goes by the clock.
    """

    images: int = Field(gt=0)
    minutes: float | None = Field(None, gt=0.0)
    input_size: SizeText
    batch_size: int = Field(gt=1)
    learning_rate: float = Field(gt=0.0)
    weight_decay: float = Field(0.0, ge=0.0)
    vector_rate: float = Field(1.0, gt=0.0)
    frozen_statistics: bool = False
    statistics_from: int = Field(0, ge=0)
    schedule: Schedule = Schedule()

    @property
    def taught_by(self) -> tuple[str, ...]:
        """What tells the phase's teacher from others, wherever a run is moved; empty where there is none."""
        return ()


class Phase(Stretch):
    """A stretch of a pose network's training.

    `patch_of` gives the size of the crop of which `input_size` is a random part; without it crops are whole. `sigma`
    is the standard deviation of the target heatmaps in cells, by default that of the crop's size. With `unbiased` they
    are centred where the label is (DARK), otherwise at the nearest cell and cut off at three sigma, as in the paper's
    code.
    """

    patch_of: SizeText | None = None
    augmentation: Augmentation = Augmentation()
    teacher: Teacher | None = None
    sigma: float | None = Field(None, gt=0.0)
    unbiased: bool = True

    @property
    def taught_by(self) -> tuple[str, ...]:
        return () if self.teacher is None else (self.teacher.network, *self.teacher.weights.parts[-2:])

    @model_validator(mode="after")
    def _patch_fits(self) -> Self:
        if self.patch_of is not None:
            part, whole = InputSize.parse(self.input_size), InputSize.parse(self.patch_of)
            if part.height > whole.height or part.width > whole.width:
                raise ValueError(f"input_size {part} is no part of patch_of {whole}")
        return self


class RunConfig(Section):
    """What every run states. Relative input paths start from the configuration file's folder, `runs` and `cache` from
    the working folder.

    `init_from` gives weights to start from: of the same network, or of a shallower one of the Lite-HRNet family, which
    is grown (but not where channel weights are left out). `threads` is PyTorch's, `workers` are processes that cut and
    change crops meanwhile (0: the training process does). `ema` is the decay of the averaged weights, which are the
    ones validated and kept; 1 weighs all steps of a phase alike. `validate_every` counts images.
    """

    name: str = Field(pattern=r"^\w[\w.\-]*$")
    sets: tuple[DataSet, ...] = Field(min_length=1)
    validation: DataSet | None = None
    init_from: Path | None = None
    seed: int = Field(0, ge=0, lt=2**64)
    ema: float = Field(0.999, ge=0.0, le=1.0)
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    threads: int | None = Field(None, ge=1, le=256)
    workers: int = Field(1, ge=0, le=64)
    cache: Path | None = None
    runs: Path = Path("runs")
    validate_every: int = Field(20_000, gt=0)
    save_every_minutes: float = Field(5.0, gt=0.0)

    @property
    def stretches(self) -> Sequence[Stretch]:
        """The phases, as far as all tasks have them in common."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _only_the_last_goes_by_the_clock(self) -> Self:
        if any(phase.minutes is not None for phase in self.stretches[:-1]):
            raise ValueError("minutes can end the last phase alone; set images in those before it")
        return self


class TrainingConfig(RunConfig):
    """A pose network's run.

    `cross_resolution_weights` and `spatial_weights` can each be switched off in a network with conditional channel
    weighting (the paper's ablations).
    """

    network: NetworkName
    keypoints: Literal[16, 17] = 17
    cross_resolution_weights: bool = True
    spatial_weights: bool = True
    phases: tuple[Phase, ...] = Field(min_length=1)

    @property
    def stretches(self) -> Sequence[Stretch]:
        return self.phases


def first_problem(error: ValidationError) -> str:
    """The first key that is wrong, and why."""
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
