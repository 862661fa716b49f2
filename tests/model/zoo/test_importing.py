"""Importing weights of a user's own."""

from pathlib import Path

import pytest
import torch

from model.checkpoints import read_checkpoint, save_safetensors
from model.complexity import count_macs, count_parameters
from model.errors import CheckpointError, UserError, WeightsError
from model.input_size import InputSize
from model.networks import ChannelWeights, build_network
from model.networks.person_detector import build_detector
from model.zoo import (
    OwnDetectorWeightSet,
    OwnWeightSet,
    WeightFile,
    all_pose_models,
    all_weight_sets,
    is_available,
    load_catalogue,
    load_network,
    own_detectors,
    resolve,
    resolve_any,
    resolve_detector,
    weight_files,
)
from model.zoo.importing import Description, import_weights
from model.zoo.store import set_folder, sha256_of

pytestmark = pytest.mark.usefixtures("shallow_networks")
NETWORK = "naive-lite-hrnet-18"
NOTHING_SAID = Description()
SIZE_SAID = Description(input_size=InputSize(256, 192))
ALL_SAID = Description(NETWORK, 17, InputSize(64, 64), "dark")


@pytest.fixture(scope="module")
def state(shallow_networks: None) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return build_network(NETWORK).state_dict()


@pytest.fixture
def file(tmp_path: Path, state: dict[str, torch.Tensor]) -> Path:
    """Somebody's own weights."""
    folder = tmp_path / "내 모델 folder"
    folder.mkdir()
    path = folder / "best epoch.pth"
    torch.save({"meta": {"epoch": 3}, "state_dict": state}, path)
    return path


class TestOwnName:
    def test_the_file_becomes_a_weight_set_like_any_other(self, file: Path, state: dict[str, torch.Tensor]) -> None:
        imported = import_weights(file, "나의-모델", SIZE_SAID)
        file.unlink()
        found = resolve("나의-모델")
        assert isinstance(found, OwnWeightSet)
        assert found == imported
        assert (found.network, found.keypoints, found.input_size, found.decoding) == (NETWORK, 17, (256, 192), "dark")
        network = build_network(NETWORK)
        assert (found.parameters, found.macs) == (count_parameters(network), count_macs(network, InputSize(256, 192)))
        assert is_available(found)
        assert found in all_pose_models()
        loaded = load_network(found).state_dict()
        assert all(torch.equal(loaded[name], state[name]) for name in state)

    def test_what_the_user_says_counts(self, file: Path) -> None:
        said = Description(NETWORK, 17, InputSize(128, 96), "quarter")
        imported = import_weights(file, "mine", said)
        assert isinstance(imported, OwnWeightSet)
        assert (imported.input_size, imported.decoding) == ((128, 96), "quarter")
        assert imported.macs == count_macs(build_network(NETWORK), InputSize(128, 96))

    def test_the_input_size_stated_in_a_file_of_ours_counts(
        self, tmp_path: Path, state: dict[str, torch.Tensor]
    ) -> None:
        path = tmp_path / "trained.safetensors"
        save_safetensors(state, path, {"network": NETWORK, "input_size": "128x96"})
        import_weights(path, "mine", NOTHING_SAID)
        assert resolve("mine").input_size == (128, 96)
        path = path.rename(tmp_path / "TRAINED.SAFETENSORS")
        import_weights(path, "mine-too", NOTHING_SAID)
        assert resolve("mine-too").input_size == (128, 96)
        import_weights(path, "mine-smaller", ALL_SAID)
        assert resolve("mine-smaller").input_size == (64, 64)

    def test_an_input_size_that_nothing_tells_is_said_to_be_assumed(
        self, file: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level("INFO", "model"):
            import_weights(file, "mine", SIZE_SAID)
            assert not caplog.messages
            import_weights(file, "mine", Description(NETWORK, 17, decoding="dark"))
        assert resolve("mine").input_size == (256, 192)
        (message,) = caplog.messages
        assert "best epoch.pth does not state" in message
        assert "256x192 is assumed" in message
        assert "--input-size" in message

    def test_the_input_size_of_a_file_that_the_catalogue_knows_is_the_catalogues(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        catalogue = load_catalogue()
        listed = next(pose for pose in catalogue.pose if pose.name == "tinypose-128x96")
        known = listed.model_copy(update={"files": (WeightFile(name="best.pth", sha256=sha256_of(file)[:8]),)})
        larger = known.model_copy(update={"name": "larger", "input_size": InputSize(384, 288)})
        for sets, expected in (((known,), (128, 96)), ((known, larger), (256, 192))):  # of two sizes none is told
            monkeypatch.setattr(
                "model.zoo.importing.load_catalogue", lambda sets=sets: catalogue.model_copy(update={"pose": sets})
            )
            import_weights(file, "mine", NOTHING_SAID)
            assert resolve("mine").input_size == expected
        import_weights(file, "mine", ALL_SAID)
        assert resolve("mine").input_size == (64, 64)

    @pytest.mark.parametrize("said", [SIZE_SAID, Description("lite-hrnet-18", 17, InputSize(256, 192))])
    @pytest.mark.parametrize(
        "left_out",
        [("cross_resolution_weights",), ("spatial_weights",), ("cross_resolution_weights", "spatial_weights")],
    )
    def test_a_network_without_channel_weights_is_told_by_its_file(
        self, tmp_path: Path, said: Description, left_out: tuple[ChannelWeights, ...]
    ) -> None:
        network = build_network("lite-hrnet-18", **dict.fromkeys(left_out, False))
        save_safetensors(network.state_dict(), tmp_path / "ablation.safetensors", {})
        import_weights(tmp_path / "ablation.safetensors", "ablation", said)
        found = resolve("ablation")
        assert isinstance(found, OwnWeightSet)
        assert (found.network, found.left_out) == ("lite-hrnet-18", left_out)
        assert found.parameters == count_parameters(network)
        loaded = load_network(found).state_dict()
        assert all(torch.equal(loaded[name], tensor) for name, tensor in network.state_dict().items())

    def test_a_network_without_some_of_its_channel_weights_is_refused(self, tmp_path: Path, cache: Path) -> None:
        whole = build_network("lite-hrnet-18").state_dict()
        part = {name: tensor for name, tensor in whole.items() if not name.startswith("backbone.stage0.0.layers.0.spa")}
        torch.save(part, tmp_path / "part.pth")
        with pytest.raises(CheckpointError, match=r"spatial_weighting.* is missing"):
            import_weights(tmp_path / "part.pth", "mine", Description("lite-hrnet-18"))
        assert not cache.exists()

    def test_importing_again_replaces(self, file: Path, tmp_path: Path, state: dict[str, torch.Tensor]) -> None:
        import_weights(file, "mine", ALL_SAID)
        other = tmp_path / "later.safetensors"
        changed = {name: tensor + 1 if tensor.is_floating_point() else tensor for name, tensor in state.items()}
        save_safetensors(changed, other, {})
        import_weights(other, "mine", ALL_SAID)
        key = "head.final_layer.bias"
        assert torch.equal(load_network(resolve("mine")).state_dict()[key], changed[key])
        assert {path.name for path in set_folder("mine").iterdir()} == {"mine.safetensors", "weight-set.yaml"}

    @pytest.mark.parametrize(
        ("said", "message"),
        [
            (
                Description(network="lite-hrnet-18"),
                f"does not fit the network: .*it fits {NETWORK} with 17 keypoints",
            ),
            (Description(keypoints=16), "does not fit the network: .*with 17 keypoints"),
            (
                Description(keypoints=21),
                "no skeleton has 21 keypoints: only 17 .COCO. or 16 .MPII. .*; correct --keypoints",
            ),
            (Description(network="hrnet"), "no network is named 'hrnet'; choose one of lite-hrnet-18"),
        ],
    )
    def test_a_file_that_is_not_what_the_user_says_is_refused(
        self, file: Path, cache: Path, said: Description, message: str
    ) -> None:
        with pytest.raises(UserError, match=message):
            import_weights(file, "mine", said)
        assert not cache.exists()

    @pytest.mark.parametrize("said", [NOTHING_SAID, Description(keypoints=17), Description(NETWORK, 17)])
    def test_a_file_with_keypoints_that_no_skeleton_has_is_refused_with_one_remedy(
        self, tmp_path: Path, cache: Path, said: Description
    ) -> None:
        path = tmp_path / "hand.pth"
        torch.save(build_network(NETWORK, 20).state_dict(), path)
        with pytest.raises(UserError, match=r"20 keypoints.* only 17 \(COCO\) or 16 \(MPII\).*; give .*$") as caught:
            import_weights(path, "hand", said)
        assert "choose" not in str(caught.value)
        assert not cache.exists()

    @pytest.mark.parametrize(("absent", "said"), [(".bin", ALL_SAID), (".bin", NOTHING_SAID), (".param", ALL_SAID)])
    def test_half_an_ncnn_pair_is_refused(self, tmp_path: Path, cache: Path, absent: str, said: Description) -> None:
        path = tmp_path / ("alone.bin" if absent == ".param" else "alone.param")
        path.write_bytes(b"7767517\n1 1\nInput in0 0 1 in0\n")
        with pytest.raises(CheckpointError, match=r"cannot read .*alone.*\.bin") as caught:
            import_weights(path, "mine", said)
        assert "\n" not in str(caught.value)
        assert not cache.exists()

    @pytest.mark.parametrize("said", [ALL_SAID, SIZE_SAID])
    def test_a_pytorch_file_may_be_called_bin(
        self, tmp_path: Path, state: dict[str, torch.Tensor], said: Description
    ) -> None:
        path = tmp_path / "pytorch_model.bin"
        torch.save(state, path)
        import_weights(path, "mine", said)
        assert {path.name for path in set_folder("mine").iterdir()} == {"mine.bin", "weight-set.yaml"}
        loaded = load_network(resolve("mine")).state_dict()
        assert all(torch.equal(loaded[name], state[name]) for name in state)

    def test_weights_of_no_known_network_are_refused(self, tmp_path: Path, cache: Path) -> None:
        path = tmp_path / "resnet.pth"
        torch.save({"conv1.weight": torch.zeros(64, 3, 7, 7)}, path)
        with pytest.raises(CheckpointError, match=r"resnet\.pth: it fits none of the networks lite-hrnet-18"):
            import_weights(path, "mine", NOTHING_SAID)
        assert not cache.exists()

    @pytest.mark.parametrize("content", [b"", b"not weights at all"])
    def test_a_file_without_weights_is_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "best.pth"
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"cannot read .*best\.pth"):
            import_weights(path, "mine", NOTHING_SAID)

    def test_an_absent_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsError, match=r"cannot import .*gone\.pth: there is no such file"):
            import_weights(tmp_path / "gone.pth", "mine", NOTHING_SAID)

    def test_a_folder_is_told_from_an_absent_file(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsError, match="it is a folder; name the weight file"):
            import_weights(tmp_path, "mine", NOTHING_SAID)

    @pytest.mark.parametrize(
        "name",
        ["", "a/b", "a\\b", "..", ".hidden", "-x", "two words", "end.", "con", "NUL.x", "tinypose.LOCK", "x" * 65],
    )
    def test_a_name_that_cannot_be_a_folder_everywhere_is_refused(self, file: Path, name: str) -> None:
        with pytest.raises(WeightsError, match="cannot name a weight set"):
            import_weights(file, name, NOTHING_SAID)

    @pytest.mark.parametrize(
        "name", ["default", "fast", "lite-hrnet-18", "Tinypose-256x192", "PICODET-320", "whole-frame"]
    )
    def test_a_name_that_stands_for_something_is_refused(self, file: Path, name: str) -> None:
        with pytest.raises(WeightsError, match=f"the name {name.lower()} is taken"):
            import_weights(file, name, NOTHING_SAID)

    def test_a_name_that_differs_from_another_in_case_alone_is_refused(self, file: Path) -> None:
        import_weights(file, "mine", ALL_SAID)
        with pytest.raises(WeightsError, match="the name mine is taken"):
            import_weights(file, "Mine", ALL_SAID)

    def test_files_that_are_gone_or_changed_since_name_the_import_command(self, file: Path) -> None:
        import_weights(file, "mine", ALL_SAID)
        stored = set_folder("mine") / "mine.pth"
        stored.write_bytes(stored.read_bytes()[:-1] + b"?")
        with pytest.raises(
            WeightsError, match=r"damaged: .*import it again: python main\.py weights import FILE --as mine"
        ):
            weight_files(resolve("mine"))
        stored.unlink()
        with pytest.raises(WeightsError, match="the weights mine are not on this machine; import it again"):
            weight_files(resolve("mine"))

    def test_a_spoilt_description_is_named(self, file: Path) -> None:
        import_weights(file, "mine", ALL_SAID)
        description = set_folder("mine") / "weight-set.yaml"
        description.write_text(description.read_text(encoding="utf-8") + "colour: blue\n", encoding="utf-8")
        with pytest.raises(
            WeightsError, match=r"weight-set\.yaml is malformed: colour: .*weights import FILE --as mine"
        ):
            resolve("mine")
        import_weights(file, "mine", ALL_SAID)
        assert resolve("mine").network == NETWORK


class TestOwnDetector:
    """A detector that the user trained."""

    @pytest.fixture
    def detector(self, tmp_path: Path) -> Path:
        torch.manual_seed(0)
        path = tmp_path / "weights.safetensors"
        save_safetensors(build_detector().state_dict(), path, {"network": "person-detector", "input_size": "256x256"})
        return path

    def test_it_becomes_a_detector_like_any_other(self, detector: Path) -> None:
        imported = import_weights(detector, "crowd", NOTHING_SAID)
        assert isinstance(imported, OwnDetectorWeightSet)
        assert imported == resolve_detector("crowd") == resolve_any("crowd")
        assert imported.input_size == (256, 256)
        assert imported in all_weight_sets()
        assert imported not in all_pose_models()
        assert own_detectors() == [imported]
        loaded, state = load_network(imported).state_dict(), read_checkpoint(detector)
        assert all(torch.equal(loaded[name], state[name]) for name in state)

    def test_a_bare_checkpoint_is_told_by_its_tensors(self, tmp_path: Path) -> None:
        torch.save(build_detector().state_dict(), tmp_path / "last.pth")
        import_weights(tmp_path / "last.pth", "crowd", NOTHING_SAID)
        assert resolve_detector("crowd").input_size == (320, 320)
        import_weights(tmp_path / "last.pth", "crowd", Description("person-detector", input_size=InputSize(416, 416)))
        assert resolve_detector("crowd").input_size == (416, 416)

    def test_it_is_no_pose_network(self, detector: Path) -> None:
        import_weights(detector, "crowd", NOTHING_SAID)
        with pytest.raises(WeightsError, match="give it as --detector crowd"):
            resolve("crowd")
        with pytest.raises(WeightsError, match="no detector is named 'crowds'; did you mean crowd"):
            resolve_detector("crowds")

    @pytest.mark.parametrize(
        ("said", "option"),
        [
            (Description(keypoints=17), "keypoints"),
            (Description(decoding="dark"), "decoding"),
            (Description(network="lite-hrnet-18"), "network"),
        ],
    )
    def test_what_only_a_pose_network_has_is_refused(self, detector: Path, said: Description, option: str) -> None:
        with pytest.raises(WeightsError, match=f"is a person detector; leave --{option} out"):
            import_weights(detector, "crowd", said)

    def test_a_detector_of_another_shape_is_refused(self, tmp_path: Path, cache: Path) -> None:
        state = build_detector().state_dict()
        state["heads.0.score.weight"] = state["heads.0.score.weight"][:, :10]
        torch.save(state, tmp_path / "other.pth")
        with pytest.raises(CheckpointError, match=r"heads\.0\.score\.weight is 1x10x1x1 in the file"):
            import_weights(tmp_path / "other.pth", "crowd", NOTHING_SAID)
        assert not cache.exists()
