"""PP-TinyPose's ncnn files: the weights arrive, and damaged or foreign pairs are refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from model.checkpoints import load_checkpoint, read_checkpoint
from model.checkpoints.ncnn_file import Layer, read_weights
from model.errors import CheckpointError
from model.networks import build_network

NETWORK = "wider-naive-lite-hrnet-18"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def write_pair(
    folder: Path, *, half: bool, keypoints: int = 5, seed: int = 0
) -> tuple[Path, list[tuple[Tensor, Tensor]]]:
    """An ncnn pair with random weights; its convolutions stand in the network's order, one after another."""
    generator = torch.Generator().manual_seed(seed)
    lines, content, written = ["Input image 0 1 blob0"], b"", []
    for conv in (m for m in build_network(NETWORK, keypoints).modules() if isinstance(m, nn.Conv2d)):
        k, number = conv.kernel_size[0], len(written)
        weight = torch.randn(conv.weight.shape, generator=generator).half().float()
        bias = torch.randn(conv.out_channels, generator=generator)
        kind = "ConvolutionDepthWise" if conv.groups > 1 else "Convolution"
        fields = f"0={conv.out_channels} 1={k} 3={conv.stride[0]} 4={k // 2} 5=1 6={weight.numel()} 7={conv.groups} 9=1"
        lines.append(f"{kind} Conv_{number} 1 1 blob{number} blob{number + 1} {fields}")
        if half:
            stored = weight.numpy().astype("<f2").tobytes()
            content += (0x01306B47).to_bytes(4, "little") + stored + b"\0" * (-len(stored) % 4)
        else:
            content += bytes(4) + weight.numpy().astype("<f4").tobytes()
        content += bias.numpy().astype("<f4").tobytes()
        written.append((weight, bias))
    path = folder / "작은 pose.param"
    header = f"7767517\n{len(lines)} {len(lines)}\n"
    path.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    path.with_suffix(".bin").write_bytes(content)
    return path, written


@pytest.mark.parametrize("suffix", [".param", ".bin"])
@pytest.mark.parametrize("half", [True, False], ids=["float16", "float32"])
def test_convolutions_arrive_and_batch_norms_are_the_identity(half: bool, suffix: str, tmp_path: Path) -> None:
    path, written = write_pair(tmp_path, half=half)
    network = build_network(NETWORK, keypoints=5).eval()
    load_checkpoint(network, path.with_suffix(suffix))
    leaves = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    remaining = iter(written)
    for leaf, following in zip(leaves, [*leaves[1:], None], strict=True):
        if isinstance(leaf, nn.Conv2d):
            weight, bias = next(remaining)
            assert torch.equal(leaf.weight, weight)
            if not isinstance(following, nn.BatchNorm2d):
                assert leaf.bias is not None
                assert torch.equal(leaf.bias, bias)
        else:
            x = torch.randn(1, leaf.num_features, 4, 4)
            torch.testing.assert_close(leaf(x), x + bias[:, None, None], rtol=1e-6, atol=1e-6)
    assert next(remaining, None) is None


@pytest.mark.shared_data
@pytest.mark.parametrize("suffix", [".param", ".bin"])
@pytest.mark.parametrize("size", ["256x192", "128x96"])
def test_heatmaps_equal_those_of_the_ncnn_runtime(size: str, suffix: str, shared_dir: Path) -> None:
    with np.load(shared_dir / "reference" / "tinypose_ncnn.npz") as stored:
        crop, expected = stored[f"crop_{size}"], stored[f"heatmaps_{size}"]
    network = build_network(NETWORK).eval()
    load_checkpoint(network, shared_dir / "weights" / "pp-tinypose-ncnn" / f"tinypose_{size}{suffix}")
    x = (torch.from_numpy(crop) / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    with torch.inference_mode():
        heatmaps = network(x.permute(2, 0, 1)[None])[0].numpy()
    assert np.abs(heatmaps - expected).max() < 1e-4


def assert_refused(path: Path, *parts: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path)
    message = str(caught.value)
    assert path.stem in message
    assert "\n" not in message
    for part in parts:
        assert part in message, message


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    return write_pair(tmp_path, half=True)[0]


@pytest.mark.parametrize(("given_suffix", "absent"), [(".param", ".bin"), (".bin", ".param")])
def test_half_a_pair_is_refused(given_suffix: str, absent: str, pair: Path) -> None:
    pair.with_suffix(absent).unlink()
    assert_refused(pair.with_suffix(given_suffix), ".param")


EDITS: dict[str, tuple[str, str, str]] = {
    "a kernel of another size": ("0=32 1=3", "0=32 1=5", "Conv_0 does not fit backbone.stem.conv1"),
    "another stride": ("3=2", "3=1", "Conv_0 does not fit"),
    "no bias": ("5=1", "5=0", "Conv_0 does not fit"),
    "a layer of another kind": ("Convolution Conv_0", "Deconvolution Conv_0", "kind Deconvolution"),
    "an input from nowhere": ("1 1 blob0", "1 1 elsewhere", "Conv_0 reads elsewhere"),
    "a header of words": ("7767517\n270", "7767517\nmany", "damaged after 0 layers"),
    "a field of words": ("1=3", "1=three", "damaged after 1 layers"),
    "a field of no number": ("1=3", "1=nan", "damaged after 1 layers"),
    "a last layer of any size": ("0=5 1=1", "0=1e10 1=1", "finds 10000000000 keypoints"),
    "a line too short": ("1 1 blob4 blob5", "9 9 blob4 blob5", "damaged after 5 layers"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_another_graph_is_refused(edit: str, pair: Path) -> None:
    old, new, part = EDITS[edit]
    text = pair.read_text(encoding="utf-8")
    assert old in text
    pair.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert_refused(pair, part)


def test_a_graph_of_another_length_is_refused(pair: Path) -> None:
    lines = pair.read_text(encoding="utf-8").splitlines()
    pair.write_text("\n".join(["7767517", "269 269", *lines[2:-1]]), encoding="utf-8")
    assert_refused(pair, "268 convolutions where 269 belong")
    pair.write_text("7767517\n1 1\nInput image 0 1 blob0\n", encoding="utf-8")
    assert_refused(pair, "0 convolutions where 269 belong")
    pair.write_text("\n".join(lines[:-7]), encoding="utf-8")
    assert_refused(pair, "263 of 270 layers")


def test_quantised_weights_are_refused(pair: Path) -> None:
    content = pair.with_suffix(".bin").read_bytes()
    pair.with_suffix(".bin").write_bytes((0x000D4B38).to_bytes(4, "little") + content[4:])
    assert_refused(pair, "Conv_0", "0x000d4b38", "unquantised")


def test_float16_weights_are_padded_to_four_bytes() -> None:
    layers = [Layer("Convolution", f"Conv_{i}", ("a",), ("b",), {0: 1, 6: 3}) for i in range(2)]
    values = np.array([0.5, -1.0, 2.0])
    stored = (0x01306B47).to_bytes(4, "little") + values.astype("<f2").tobytes() + b"\xff\xff"
    stored += np.float32(0.25).tobytes()
    for weight, bias in read_weights(2 * stored, layers, Path("odd.bin")):
        assert weight.tolist() == values.tolist()
        assert bias.tolist() == [0.25]


def test_bytes_too_many_are_refused(pair: Path) -> None:
    with pair.with_suffix(".bin").open("ab") as file:
        file.write(bytes(8))
    assert_refused(pair, "8 bytes too many")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), suffix=st.sampled_from([".param", ".bin"]))
def test_a_pair_cut_anywhere_is_refused(share: float, suffix: str, pair: Path) -> None:
    cut = pair.with_name("cut.param")
    for each in (".param", ".bin"):
        shutil.copy(pair.with_suffix(each), cut.with_suffix(each))
    content = cut.with_suffix(suffix).read_bytes().rstrip(b"\n")
    cut.with_suffix(suffix).write_bytes(content[: int(share * len(content))])
    assert_refused(cut)
