"""The catalogue: what networks and weight sets there are, as weights/catalogue.yaml tells it."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError, model_validator

from model.decoding import Decoding
from model.errors import ConfigError
from model.input_size import INPUT_MULTIPLE, InputSize
from model.networks import ChannelWeights

WEIGHTS_FOLDER = Path(__file__).resolve().parents[2] / "weights"
CATALOGUE_PATH = WEIGHTS_FOLDER / "catalogue.yaml"
FULL_HASH_DIGITS = 64
REFERENCE_KEYPOINTS = 17  # COCO; written out, for model.skeletons brings NumPy, which `models` need not wait for

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{8}([0-9a-f]{56})?$")]


def _size_parser(multiple: int) -> BeforeValidator:
    return BeforeValidator(lambda value: InputSize.parse(value, multiple) if isinstance(value, str) else value)


PoseInputSize = Annotated[InputSize, _size_parser(INPUT_MULTIPLE), PlainSerializer(str)]
DetectorInputSize = Annotated[InputSize, _size_parser(1), PlainSerializer(str)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NetworkFigures(_Entry):
    """Size of a network with 17 keypoints at its reference input size.

    Attributes:
        parameters: Trainable numbers.
        macs: Multiply-adds of its convolutions for one crop.
    """

    input_size: PoseInputSize
    parameters: int
    macs: int


class WeightFile(_Entry):
    """One file of a weight set.

    Attributes:
        name: Its name on disk.
        url: Where it is published; None where no address is known.
        size: Bytes, where known.
        sha256: All 64 hexadecimal digits, or the first 8 where only those are published, or None.
    """

    name: str
    url: str | None = Field(default=None, pattern=r"^https?://")
    size: int | None = Field(default=None, gt=0)
    sha256: Hash | None = None


class Graph(WeightFile):
    """An ONNX graph that the project brings.

    Attributes:
        of: SHA-256 of the weights file that it was exported from.
    """

    of: Hash


class WeightSet(_Entry):
    """Files that make up the weights of one network.

    Attributes:
        origin: Who trained it and where the files come from.
        graph: The ONNX graph with these weights in it that the project brings, beside them; None for most.
    """

    name: str
    origin: str
    licence: str
    files: tuple[WeightFile, ...] = Field(min_length=1)
    graph: Graph | None = None


class PoseModel(_Entry):
    """A pose network at a size, with weights or not.

    Attributes:
        keypoints: How many heatmaps come out: 17 for COCO, 16 for MPII.
        decoding: How heatmaps become keypoints.
        published_ap: COCO AP on val2017 as its authors state it.
        published_pckh: PCKh at 0.5 on MPII, mean over joints, as its authors state it.
        measured_ap: COCO AP as `evaluate` measures it, with boxes drawn by hand and no flip test.
        measured_ms: Milliseconds a person as `benchmark` measures them for ONNX Runtime on one thread; all on one
            machine, so that they compare.
    """

    name: str
    network: str
    keypoints: int
    input_size: PoseInputSize
    decoding: Decoding
    parameters: int
    macs: int
    published_ap: Share | None = None
    published_pckh: Share | None = None
    measured_ap: Share | None = None
    measured_ms: float | None = Field(default=None, gt=0)


class PoseWeightSet(PoseModel, WeightSet):
    """Weights of a pose network."""


class OwnWeightSet(PoseWeightSet):
    """Weights that the user imported under a name of the user's own.

    Attributes:
        left_out: Kinds of channel weights that the network was trained without (ablation).
    """

    left_out: tuple[ChannelWeights, ...] = ()


class DetectorWeightSet(WeightSet):
    """Weights of a person detector.

    Attributes:
        input_size: Of the largest picture it is shown.
        network: The network of this project that they belong to; None where another library runs them.
    """

    input_size: DetectorInputSize
    network: Literal["person-detector"] | None = None


class OwnDetectorWeightSet(DetectorWeightSet):
    """Weights of this project's detector that the user imported under a name of the user's own."""


OwnSet = OwnWeightSet | OwnDetectorWeightSet
"""What the user imported under a name of the user's own."""


class Catalogue(_Entry):
    """All of catalogue.yaml."""

    networks: dict[str, NetworkFigures]
    aliases: dict[str, str]
    detector_aliases: dict[str, str]
    pose: tuple[PoseWeightSet, ...]
    detectors: tuple[DetectorWeightSet, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        sets: tuple[WeightSet, ...] = (*self.pose, *self.detectors)
        _require_unique("name", (weight_set.name for weight_set in sets))
        # One file may serve several sizes of a network.
        _require_unique("file", (file.name for file in {file for weight_set in sets for file in weight_set.files}))
        for pose in self.pose:
            if pose.network not in self.networks:
                raise ValueError(f"{pose.name} is of the network {pose.network}, which `networks` does not list")
        for aliases, targets in ((self.aliases, self.pose), (self.detector_aliases, self.detectors)):
            names = {target.name for target in targets}
            unknown = next((target for target in aliases.values() if target not in names), None)
            if unknown is not None:
                raise ValueError(f"an alias stands for {unknown}, which is not listed")
        return self

    def weight_set(self, name: str) -> WeightSet | None:
        """The weight set of exactly this name, be it for poses or a detector."""
        sets: tuple[WeightSet, ...] = (*self.pose, *self.detectors)
        return next((weight_set for weight_set in sets if weight_set.name == name), None)

    def bare_network(self, network: str) -> PoseModel:
        """A network without weights, at its reference size."""
        figures = self.networks[network]
        return PoseModel(
            name=network,
            network=network,
            keypoints=REFERENCE_KEYPOINTS,
            input_size=figures.input_size,
            decoding="dark",
            parameters=figures.parameters,
            macs=figures.macs,
        )


@cache
def load_catalogue(path: Path = CATALOGUE_PATH) -> Catalogue:
    """The catalogue, read once.

    Raises:
        ConfigError: The file is absent or malformed; the message names the first thing that is wrong.
    """
    remedy = "restore it from the project's repository"
    try:
        return Catalogue.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read the catalogue {path}: {error}; {remedy}") from error
    except ValidationError as error:
        raise ConfigError(f"the catalogue {path} is malformed: {first_problem(error)}; {remedy}") from error


def first_problem(error: ValidationError) -> str:
    """The first thing that pydantic found wrong, as `where: what`."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]


def _require_unique(what: str, values: Iterable[str]) -> None:
    twice = next((value for value, count in Counter(values).items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"two weight sets have the {what} {twice}")
