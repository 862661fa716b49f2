"""What open_source makes of the things that users name."""

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from app.address import without_password, without_passwords
from app.errors import SourceError
from app.sinks.pictures import write_picture
from app.sources import expand_input, files_in, files_of, open_source
from app.sources.pictures import PictureFolderSource, PictureSource
from app.sources.video_file import VideoFileSource
from tests.app.clips import number_of, shade, shades, write_clip
from tests.app.web import serve, write_playlist


def _refusal(spec: str | Path) -> str:
    with pytest.raises(SourceError) as caught:
        open_source(spec)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_kinds_of_source_by_suffix_and_content(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "춤 추는 사람.MP4", shades(3))
    write_picture(tmp_path / "사진 1.png", shade(100))
    assert isinstance(open_source(clip), VideoFileSource)
    assert isinstance(open_source(str(tmp_path / "사진 1.png")), PictureSource)
    assert isinstance(open_source(tmp_path), PictureFolderSource)


def test_a_file_without_a_suffix_is_told_by_its_content(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", shades(3)).rename(tmp_path / "clip")
    with open_source(clip) as source:
        assert len(list(source)) == 3


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "춤 100%.mp4", shades(3))
    write_picture(tmp_path / "a.png", shade(100))
    for url in (clip.as_uri(), f"file://{clip}", clip.as_uri().replace("file://", "FILE://localhost")):
        with open_source(url) as source:
            assert (source.name, len(list(source))) == (clip.name, 3)
        assert expand_input(url) == files_of(url) == [clip]
    assert expand_input(tmp_path.as_uri()) == [tmp_path, clip]
    assert files_of(tmp_path.as_uri()) == [tmp_path / "a.png"]
    assert files_of("0") == files_of("http://localhost/a.mp4") == []


@pytest.mark.parametrize("spec", ["", "file://"])
def test_an_empty_name_is_not_the_current_folder(spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_picture(tmp_path / "a.png", shade(100))
    monkeypatch.chdir(tmp_path)
    assert "nothing is named as input" in _refusal(spec)
    for expand in (expand_input, files_of):
        with pytest.raises(SourceError, match="nothing is named as input; give a video"):
            expand(spec)
    assert expand_input(".") == [Path()]


def test_a_file_named_like_a_camera_index_can_be_given_as_a_path(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", shades(2)).rename(tmp_path / "0")
    assert isinstance(open_source(clip), VideoFileSource)


def test_absent_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    message = _refusal("97")
    assert "camera 97 does not open" in message
    assert "check that it is connected" in message
    assert "camera 98" in _refusal("/dev/video98")


def test_missing_path(tmp_path: Path) -> None:
    path = tmp_path / "없는 파일.mp4"
    assert f"{path} does not exist" in _refusal(path)
    assert "cannot read" in _refusal("x" * 5000)


@pytest.mark.parametrize(
    "spec",
    [
        "camera.local/stream",
        "192.168.1.5:554/live",
        "192.168.1.5",
        "localhost:8554",
        "me:secret@camera.local/1",
        "rtsp//camera/live",
        "http:/camera/live",
    ],
)
def test_an_address_without_its_scheme_is_told_what_to_begin_with(spec: str) -> None:
    message = _refusal(spec)
    assert message.startswith(spec.removeprefix("me:secret@"))
    assert "begin an address with rtsp:// or http://" in message
    assert "secret" not in message


@pytest.mark.parametrize("spec", ["absent.mp4", "absent/clip.mp4", "../absent.v2/clip.mp4", "/absent.v2/a:1/clip.mp4"])
def test_a_path_that_is_not_there_is_told_nothing_of_addresses(spec: str) -> None:
    assert _refusal(spec) == f"{spec} does not exist; check the path"


def test_empty_file(tmp_path: Path) -> None:
    for name in ("empty.mp4", "empty.png"):
        (tmp_path / name).touch()
        assert "is empty (0 bytes)" in _refusal(tmp_path / name)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "locked.mp4", shades(2))

    def denied(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", denied)
    assert f"cannot read {path}: Permission denied" in _refusal(path)


@pytest.mark.skipif(sys.platform == "win32", reason="devices are no paths there")
def test_no_regular_file() -> None:
    assert "is not a file" in _refusal("/dev/null")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("text.mp4", "This is no video, whatever its name says.\n" * 50, "cannot open"),
        ("subtitles.mp4", "1\n00:00:01,000 --> 00:00:02,000\nhello\n\n" * 50, "holds no video"),
        ("notes.txt", '{"a": 1}\n' * 200, "is text"),
        ("text.png", "no picture either", "not a picture"),
    ],
)
def test_text_with_another_name(tmp_path: Path, name: str, content: str, expected: str) -> None:
    (tmp_path / name).write_text(content)
    message = _refusal(tmp_path / name)
    assert expected in message
    assert name in message


def test_noise_with_the_name_of_a_video(tmp_path: Path) -> None:
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(50_000))
    assert "noise.mp4" in _refusal(tmp_path / "noise.mp4")


def test_video_without_frames(tmp_path: Path) -> None:
    path = tmp_path / "none.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 48
        container.start_encoding()
    assert "none.mp4 holds no video" in _refusal(path)
    path = tmp_path / "none.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 48
        container.start_encoding()
    assert "none.mkv" in _refusal(path)


def test_audio_alone(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44_100), np.int16), format="s16", layout="mono")
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert "holds only audio" in _refusal(path)


def test_truncated_file_without_an_index(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "cut.mp4", shades(20))  # the index is at the end
    path.write_bytes(path.read_bytes()[:-400])
    assert "cut.mp4" in _refusal(path)


def test_heif_is_refused_rather_than_shown_in_part(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", shades(2)).rename(tmp_path / "photo.HEIC")
    assert "save it as JPEG or PNG" in _refusal(path)


def test_addresses_that_do_not_answer() -> None:
    assert "cannot open http://127.0.0.1:9/clip.mp4: Connection refused" in _refusal("http://127.0.0.1:9/clip.mp4")
    message = _refusal("rtsp://user:secret@127.0.0.1:9/live")
    assert "cannot open rtsp://127.0.0.1:9/live" in message
    assert "secret" not in message


def test_what_is_written_like_an_address_and_is_none() -> None:
    message = _refusal("http://me:secret@[cam/clip.mp4")
    assert message.startswith("http://[cam/clip.mp4 is no address")
    assert "secret" not in message


def test_a_file_behind_an_address_is_read_frame_by_frame(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", shades(20)).rename(tmp_path / "clip")  # no suffix tells what it is
    write_picture(tmp_path / "picture.jpg", shade(80))
    with serve(tmp_path) as address:
        with open_source(f"{address}/clip") as source:
            assert (source.is_live, source.frame_count) == (False, 20)
            assert [number_of(frame.image) for frame in source] == list(range(20))
        with open_source(f"{address}/picture.jpg") as source:
            assert [number_of(frame.image) for frame in source] == [10]
        assert "404 Not Found" in _refusal(f"{address}/absent.mp4")


def test_a_file_behind_an_address_that_states_no_duration_has_an_end_all_the_same(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.webm", shades(20), codec="libvpx", container_options={"live": "1"})  # as browsers record
    write_clip(tmp_path / "a.gif", shades(20), codec="gif", pixel_format="gray")
    with serve(tmp_path) as address:
        for name in ("a.webm", "a.gif"):
            with open_source(f"{address}/{name}") as source:
                assert (source.is_live, source.duration_s) == (False, None)
                assert [number_of(frame.image) for frame in source] == list(range(20))


def test_a_playlist_is_live_until_it_states_a_duration(tmp_path: Path) -> None:
    playlist = write_playlist(tmp_path)
    with serve(tmp_path) as address:
        with open_source(f"{address}/{playlist.name}") as source:
            assert source.is_live
            playlist.write_text(playlist.read_text() + "#EXT-X-ENDLIST\n")
        with open_source(f"{address}/{playlist.name}") as source:
            assert (source.is_live, len(list(source))) == (False, 60)


def test_passwords_are_left_out_of_names() -> None:
    assert without_password("rtsp://me:pw@cam.local:554/a?b=c") == "rtsp://cam.local:554/a?b=c"
    assert without_password("http://cam.local/live") == "http://cam.local/live"
    assert without_password("http://cam.local?user=me@home") == "http://cam.local?user=me@home"
    assert without_password("rtsp://me:it's my@cam.local/a") == "rtsp://cam.local/a"
    assert without_passwords("in 'rtsp://me:p@w@cam.local/a', not x@y") == "in 'rtsp://cam.local/a', not x@y"
    assert without_passwords("rtsp://me:it's@cam.local/a") == "rtsp://cam.local/a"


def test_expanding_inputs(tmp_path: Path) -> None:
    for name in ("b10.mp4", "b9.mp4", "a.MOV", ".hidden.mp4", "readme.txt"):
        (tmp_path / name).touch()
    assert expand_input(tmp_path) == [tmp_path / "a.MOV", tmp_path / "b9.mp4", tmp_path / "b10.mp4"]
    (tmp_path / "p.jpg").touch()
    assert expand_input(str(tmp_path)) == [tmp_path, *(tmp_path / name for name in ("a.MOV", "b9.mp4", "b10.mp4"))]
    assert expand_input("0") == ["0"]
    assert expand_input("rtsp://cam/live") == ["rtsp://cam/live"]
    assert expand_input(tmp_path / "b9.mp4") == [tmp_path / "b9.mp4"]


def test_folder_with_nothing_to_show(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no pictures or videos"):
        expand_input(tmp_path)
    assert "holds no pictures" in _refusal(tmp_path)


def test_natural_order(tmp_path: Path) -> None:
    names = ["frame1.png", "Frame2.png", "frame10.png", "frame10b.png", "x²1.png"]
    for name in reversed(names):
        (tmp_path / name).touch()
    assert [path.name for path in files_in(tmp_path, frozenset({".png"}))] == names


def test_the_rooms_import_no_decoder_before_one_is_needed() -> None:
    code = "import sys, app.sources, app.sinks; print(sorted({'av', 'cv2'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
