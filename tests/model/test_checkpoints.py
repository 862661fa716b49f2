"""Weight files: every layout gives the same state dict; anything else is refused before a single weight changes."""

import pickle
import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from model.checkpoints import identify_network, load_checkpoint, read_checkpoint, read_metadata, save_safetensors
from model.errors import CheckpointError
from model.networks import build_network

NAME = "naive-lite-hrnet-18"
PATH_LIKE_A_USERS = "내 가중치 folder"


@pytest.fixture(scope="module")
def trained() -> dict[str, Tensor]:
    """A state dict in which every tensor differs from a fresh network's."""
    generator = torch.Generator().manual_seed(3)
    return {
        name: torch.tensor(7) if tensor.ndim == 0 else torch.rand(tensor.shape, generator=generator) + 0.5
        for name, tensor in build_network(NAME).state_dict().items()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / PATH_LIKE_A_USERS
    folder.mkdir()
    return folder


def assert_equal(state: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert state.keys() == expected.keys()
    for name, tensor in state.items():
        assert tensor.dtype == expected[name].dtype, name
        assert torch.equal(tensor, expected[name]), name


def assert_refused(path: Path, *parts: str) -> None:
    """Loading fails with one line that names the file and has the parts, and leaves the network as it was."""
    network = build_network(NAME)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(network, path)
    message = str(caught.value)
    assert path.stem in message
    assert "\n" not in message
    for part in parts:
        assert part in message, message
    assert_equal(network.state_dict(), before)


# mmpose's layouts


def plain(state: dict[str, Tensor]) -> Any:
    return state


def in_outer_dict(state: dict[str, Tensor]) -> Any:
    meta = {
        "epoch": np.int64(210),
        "loss": np.float64(0.0004),
        "dataset_meta": {"sigmas": np.array([0.026, 0.025], np.float32), "classes": np.array(["person"])},
        "config": "model = dict(type='TopDown')",
    }
    return {"meta": meta, "state_dict": OrderedDict(state), "optimizer": {"state": {}, "param_groups": []}}


def with_old_head(state: dict[str, Tensor]) -> Any:
    return in_outer_dict({re.sub("^head[.]", "keypoint_head.", name): tensor for name, tensor in state.items()})


def from_data_parallel(state: dict[str, Tensor]) -> Any:
    return in_outer_dict({f"module.{name}": tensor for name, tensor in with_old_head(state)["state_dict"].items()})


def with_preprocessor(state: dict[str, Tensor]) -> Any:
    return in_outer_dict(
        {"data_preprocessor.mean": torch.ones(3, 1, 1), "data_preprocessor.std": torch.ones(3), **state}
    )


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "before 1.6"])
@pytest.mark.parametrize("layout", [plain, in_outer_dict, with_old_head, from_data_parallel, with_preprocessor])
def test_every_layout_of_mmpose_gives_the_same_weights(
    layout: Callable[[dict[str, Tensor]], Any], zipped: bool, trained: dict[str, Tensor], folder: Path
) -> None:
    path = folder / "mmpose.pth"
    torch.save(layout(trained), path, _use_new_zipfile_serialization=zipped)
    assert_equal(read_checkpoint(path), trained)


def test_files_without_counters_of_batches_are_whole(trained: dict[str, Tensor], folder: Path) -> None:
    state = {name: tensor for name, tensor in trained.items() if not name.endswith("num_batches_tracked")}
    assert len(state) < len(trained)
    save_safetensors(state, folder / "few.safetensors", {})
    network = build_network(NAME)
    load_checkpoint(network, folder / "few.safetensors")
    assert_equal({name: network.state_dict()[name] for name in state}, state)
    assert identify_network(state) == identify_network(trained)


def test_numpy_1_scalars_are_read(trained: dict[str, Tensor], folder: Path) -> None:
    path = folder / "numpy-1.pth"
    torch.save({"meta": {"epoch": np.float64(3)}, "state_dict": trained}, path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    assert b"numpy._core.multiarray" in content
    path.write_bytes(content.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    assert_equal(read_checkpoint(path), trained)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".bin", ""])
def test_content_and_not_the_suffix_decides(suffix: str, trained: dict[str, Tensor], folder: Path) -> None:
    path = folder / f"misnamed{suffix}"
    save_safetensors(trained, path, {})
    assert_equal(read_checkpoint(path), trained)
    torch.save(trained, path)
    assert_equal(read_checkpoint(path), trained)


def test_loading_changes_every_weight(trained: dict[str, Tensor], folder: Path) -> None:
    path = folder / "own.safetensors"
    save_safetensors(trained, path, {})
    network = build_network(NAME)
    load_checkpoint(network, path)
    assert_equal(network.state_dict(), trained)


# Our own files


def test_metadata_and_weights_come_back(trained: dict[str, Tensor], folder: Path) -> None:
    path = folder / "own.safetensors"
    metadata = {"network": NAME, "keypoints": "17", "input_size": "256x192"}
    save_safetensors(trained, path, metadata)
    assert read_metadata(path) == metadata
    assert_equal(read_checkpoint(path), trained)
    assert [entry.name for entry in folder.iterdir()] == [path.name]


def test_half_precision_halves_convolutions_alone(trained: dict[str, Tensor], folder: Path) -> None:
    save_safetensors(trained, folder / "single.safetensors", {})
    save_safetensors(trained, folder / "half.safetensors", {}, half=True)
    saved = 2 * sum(tensor.numel() for tensor in trained.values() if tensor.ndim == 4)
    sizes = {path.stem: path.stat().st_size for path in folder.iterdir()}
    assert sizes["single"] - sizes["half"] == pytest.approx(saved, rel=0.01)
    expected = {name: tensor.half().float() if tensor.ndim == 4 else tensor for name, tensor in trained.items()}
    assert_equal(read_checkpoint(folder / "half.safetensors"), expected)


def test_a_folder_that_cannot_be_written_is_one_line(trained: dict[str, Tensor], folder: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot write .*absent"):
        save_safetensors(trained, folder / "absent" / "own.safetensors", {})


@pytest.mark.parametrize(
    "content", [b"", b"short", b"\xff" * 40, b"\x02\0\0\0\0\0\0\0[]", b"\x04\0\0\0\0\0\0\0{\xff:}"]
)
def test_metadata_of_another_file_is_refused(content: bytes, folder: Path) -> None:
    path = folder / "other.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="not a safetensors file"):
        read_metadata(path)


# Files that do not fit


class Payload:
    """Creates a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return Path.touch, (self.target,)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "before 1.6"])
def test_code_in_a_pickle_is_never_run(zipped: bool, trained: dict[str, Tensor], folder: Path) -> None:
    path, target = folder / "malicious.pth", folder / "executed"
    torch.save({"state_dict": trained, "meta": Payload(target)}, path, _use_new_zipfile_serialization=zipped)
    assert_refused(path, "holds Python objects", "never run")
    assert not target.exists()


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_bare_pickle_is_never_run(protocol: int, folder: Path, recwarn: pytest.WarningsRecorder) -> None:
    path, target = folder / "malicious.pkl", folder / "executed"
    content = pickle.dumps({"pathlib": 1, "state_dict": Payload(target)}, protocol)
    path.write_bytes(content)
    named = f"{Path.__module__}.Path.touch" if protocol >= 4 else "getattr"  # pathlib._local from Python 3.13 on
    assert_refused(path, "holds Python objects", named, "never run")
    assert not target.exists()
    assert not recwarn


def test_a_whole_pickled_network_is_refused(folder: Path) -> None:
    path = folder / "module.pth"
    torch.save(nn.Conv2d(3, 3, 1), path)
    assert_refused(path, "torch.nn.modules.conv.Conv2d", "state_dict()")


def test_another_network_is_named(folder: Path) -> None:
    path = folder / "other.safetensors"
    save_safetensors(build_network("wider-naive-lite-hrnet-18").state_dict(), path, {})
    assert_refused(
        path,
        "backbone.transition0.0.2.weight is 40x32x1x1 in the file, 30x32x1x1 in the network",
        "wider-naive-lite-hrnet-18 with 17 keypoints",
    )


def test_another_number_of_keypoints_is_named(folder: Path) -> None:
    path = folder / "mpii.pth"
    torch.save(build_network(NAME, keypoints=16).state_dict(), path)
    assert_refused(path, "head.final_layer.weight is 16x30x1x1 in the file, 17x30x1x1", f"{NAME} with 16 keypoints")


def change(trained: dict[str, Tensor], name: str, tensor: Tensor | None) -> dict[str, Tensor]:
    return {key: value for key, value in {**trained, name: tensor}.items() if value is not None}


@pytest.mark.parametrize(
    ("name", "tensor", "parts"),
    [
        ("backbone.stem.conv1.bn.bias", None, ["backbone.stem.conv1.bn.bias is missing", "fits none of"]),
        ("backbone.stem.conv1.bn.bias", torch.ones(5), ["backbone.stem.conv1.bn.bias is 5 in the file, 32"]),
        ("backbone.stem.extra", torch.ones(1), ["no backbone.stem.extra"]),
        ("head.final_layer.bias", torch.full((17,), torch.nan), ["head.final_layer.bias", "not finite", "again"]),
        ("head.final_layer.bias", torch.full((17,), torch.inf), ["head.final_layer.bias", "not finite"]),
    ],
)
def test_the_first_tensor_that_does_not_fit_is_named(
    name: str, tensor: Tensor | None, parts: list[str], trained: dict[str, Tensor], folder: Path
) -> None:
    path = folder / "changed.safetensors"
    save_safetensors(change(trained, name, tensor), path, {})
    assert_refused(path, *parts)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "not a weight file"),
        (b"These are my weights.\n", "not a weight file"),
        ("가중치".encode(), "not a weight file"),
        (b"PK\x03\x04 and nothing else", "damaged or cut short"),
        (b"\x80\x02}q\x00.", "damaged"),
        (b"\x80\x04\x94", "damaged"),
        (b"\x80\x04\x8c\x03o\ns\x8c\x06system\x93.", "o?s.system"),
        (b"7767517\n2 2\nInput in 0 1 x\n", "cannot read"),
    ],
)
def test_other_files_are_refused(content: bytes, part: str, folder: Path) -> None:
    path = folder / "weights.bin"
    path.write_bytes(content)
    assert_refused(path, part)


@pytest.mark.parametrize("kind", ["sparse", "meta", "complex"])
def test_tensors_of_another_kind_are_refused(kind: str, trained: dict[str, Tensor], folder: Path) -> None:
    name, plain = next(iter(trained.items()))
    tensor = {
        "sparse": lambda: plain.to_sparse(),
        "meta": lambda: plain.to("meta"),
        "complex": lambda: plain.to(torch.complex64),
    }[kind]()
    torch.save(trained | {name: tensor}, folder / "kind.pth")
    with pytest.raises(CheckpointError, match=f"{name} is sparse, quantised"):
        read_checkpoint(folder / "kind.pth")


def test_an_absent_file_and_a_folder_are_refused(folder: Path) -> None:
    assert_refused(folder / "absent.pth", "No such file")
    (folder / "folder.pth").mkdir()
    assert_refused(folder / "folder.pth", "cannot read")


@pytest.mark.parametrize("value", [[1, 2], {"state_dict": {"epoch": 1}}, torch.ones(3), {"meta": {}}])
def test_a_pth_without_state_dict_is_refused(value: object, folder: Path) -> None:
    path = folder / "results.pth"
    torch.save(value, path)
    assert_refused(path, "no state dict")


@pytest.mark.parametrize("layout", ["zip", "before 1.6", "safetensors"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_is_refused(layout: str, share: float, folder: Path) -> None:
    small = {"a.weight": torch.rand(4, 3, 3, 3), "a.bias": torch.rand(4)}
    path = folder / f"cut {layout}"
    if layout == "safetensors":
        save_safetensors(small, path, {"network": NAME})
    else:
        torch.save({"meta": {}, "state_dict": small}, path, _use_new_zipfile_serialization=layout == "zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match=f"cannot read .*{path.name}"):
        read_checkpoint(path)


def test_a_network_is_identified_by_its_weights() -> None:
    assert identify_network(build_network("lite-hrnet-30", keypoints=16).state_dict()) == ("lite-hrnet-30", 16)
    assert identify_network({"head.final_layer.bias": torch.zeros(17)}) is None
    assert identify_network({"head.final_layer.bias": torch.zeros(0)}) is None
    assert identify_network({}) is None
