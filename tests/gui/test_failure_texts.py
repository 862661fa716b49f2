"""Errors speak of the window's controls, and the table of them fits the messages in the code."""

import ast
import re
import socket
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.address import Address
from app.detectors import create_detector
from app.errors import SourceError
from app.gui.failure_texts import _pattern, _texts, in_the_windows_words
from app.gui.texts import Language
from app.live.news import Failure
from app.live.opening import open_named
from app.live_outputs.opening import open_osc, open_websocket
from app.settings import CameraSettings, load_settings
from app.sinks import create_folder_of
from model.engines import create_engine
from model.engines.torch_engine import require_device, require_precision
from model.errors import UserError
from model.zoo import ensure, resolve

_PROJECT = Path(__file__).parents[2]
# What the window never runs.
_ELSEWHERE = (
    "app/commands",
    "app/gui",
    "app/benchmarking",
    "app/doctor",
    "app/outputs",
    "model/training",
    "model/zoo/importing",
)
_FLAGS = re.compile(r"--[a-z]|python main\.py|requirements\.txt")


def _texts_in_code() -> Iterator[tuple[bool, str]]:
    """Every text in the code with `{}` for what differs, and whether it is what an error says."""
    for path in [*_PROJECT.glob("app/**/*.py"), *_PROJECT.glob("model/**/*.py")]:
        if path.relative_to(_PROJECT).as_posix().startswith(_ELSEWHERE):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
        told = {call.args[0] for call in calls if ast.unparse(call.func).endswith("Error")}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = (str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
                yield node in told, "".join(parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node in told, node.value


def _clauses(text: str) -> list[str]:
    """What stands between gaps and stops, where it is long enough to tell something."""
    clauses = (clause.strip() for clause in re.split(r"\{\w*\}|[;:(),]", text))
    return [clause for clause in clauses if len(clause) > 5]


def test_every_message_in_the_table_is_one_of_the_codes() -> None:
    code = "\n".join(text for _, text in _texts_in_code())
    for template in _texts():
        for clause in _clauses(template):
            assert clause in code, template


def test_no_message_that_the_window_can_show_speaks_of_flags() -> None:
    table = "\n".join(_texts())
    for is_error, text in _texts_in_code():
        if is_error and _FLAGS.search(text):
            assert _clauses(text)[0] in table, text


def test_texts_use_gaps_of_their_message_alone() -> None:
    for template, text in _texts().items():
        gaps = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert gaps <= set(_pattern(template).groupindex), template


def _failing(folder: Path) -> Iterator[tuple[str, object]]:
    """What a user can do wrong, without a network or a camera."""
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "text.mp4").write_text("no video", encoding="utf-8")
    (folder / "bad.png").write_bytes(b"no picture")
    (folder / "pictures").mkdir()
    (folder / "broken.yaml").write_text("pose: {model: [", encoding="utf-8")
    (folder / "file").write_text("in the way", encoding="utf-8")
    camera = CameraSettings()
    for name in ("gone.mp4", "empty.mp4", "text.mp4", "bad.png", "pictures"):
        yield name, lambda name=name: open_named(str(folder / name), camera)
    yield "nothing", lambda: open_named("", camera)
    yield "camera", lambda: open_named("63", camera)
    yield "stream", lambda: open_named("rtsp://127.0.0.1:9/none", camera)
    yield "no address", lambda: open_named("http://[cam/clip.mp4", camera)
    yield "no scheme", lambda: open_named("camera.local/stream", camera)
    yield "mps", lambda: require_device("mps")
    yield "cuda", lambda: require_device("cuda")
    yield "weights", lambda: create_engine(resolve("fast"), "torch", "cpu")
    yield "onnxruntime", lambda: create_engine(resolve("fast"), "onnxruntime", "cuda")
    yield "fp16", lambda: create_engine(resolve("lite-hrnet-18-256x192"), "torch-fp16", "cpu")
    yield "bf16", lambda: require_precision("cpu", "bf16")
    yield "openvino", lambda: create_engine(resolve("fast"), "openvino", "cuda")
    yield "model", lambda: resolve("nothing of the kind")
    yield "detector", lambda: create_detector("nothing of the kind")
    yield "engine", lambda: create_engine(resolve("built-in"), "nothing of the kind", "cpu")
    yield "folder", lambda: create_folder_of(folder / "file" / "a.png")
    yield "osc", lambda: open_osc(Address("no host of this name.invalid", 9))
    yield "address", lambda: Address.parse("nowhere")


def test_what_users_do_wrong_is_told_in_the_windows_words(tmp_path: Path, qapp, monkeypatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    monkeypatch.setattr("torch.ops.mkldnn._is_mkldnn_bf16_supported", lambda: False)
    language = Language()
    for name, deed in _failing(tmp_path):
        with pytest.raises((UserError, ValueError)) as raised:
            deed()
        message = str(raised.value)
        told = in_the_windows_words(message)
        assert told != message, name
        assert not _FLAGS.search(told), name
        language.use("ko")
        try:
            assert re.search(r"[가-힣]", in_the_windows_words(message)), name
        finally:
            language.use("en")


def test_a_stream_without_a_scheme_is_told_what_to_write() -> None:
    with pytest.raises(SourceError) as raised:
        open_named("camera.local/stream", CameraSettings())
    assert "rtsp:// or http://" in in_the_windows_words(str(raised.value))


def test_a_port_that_is_taken_is_told_with_its_control() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UserError) as raised:
            open_websocket(Address("127.0.0.1", taken.getsockname()[1]))
    assert "WebSocket address under Settings" in in_the_windows_words(str(raised.value))


def test_a_download_without_a_network_is_told_with_what_to_press(monkeypatch, tmp_path: Path) -> None:
    import requests

    def fail(*_: object, **__: object) -> None:
        raise requests.ConnectionError

    monkeypatch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path))
    monkeypatch.delenv("LITE_HRNET_LIVE_MIRROR", raising=False)
    monkeypatch.setattr(requests, "get", fail)
    with pytest.raises(UserError) as raised:
        ensure(resolve("fast"), lambda *_: None)
    told = in_the_windows_words(str(raised.value))
    assert "there is no network, or raw.githubusercontent.com is out of reach" in told
    assert told.endswith("press Try again.")


def test_settings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    for text, expected in (("pose: {model: [", "cannot be read"), ("pose: {engines: x}", "pose.engines")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UserError) as raised:
            load_settings(path)
        assert expected in in_the_windows_words(str(raised.value))


def test_what_the_table_does_not_know_is_shown_as_it_is() -> None:
    assert in_the_windows_words("a new error; do something") == "a new error; do something"
    unexpected = Failure.of(RuntimeError("out of {memory}\nat once")).sentence
    assert in_the_windows_words(unexpected) == "An unexpected error occurred: out of {memory}\nat once"
    assert in_the_windows_words(str(SourceError("C:\\a b\\c.mp4 does not exist; check the path"))).startswith(
        "C:\\a b\\"
    )
