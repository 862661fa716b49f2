"""The original's sound beside an overlay video: copied packet by packet where the container takes it, else as AAC."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from app.sources.video_file import PresentationClock, open_container, what_failed

_LOGGER = logging.getLogger(__name__)

# What players of each container are sure to play; anything else is coded anew.
_COPIED = {
    "mp4": frozenset({"aac", "mp3", "ac3", "eac3", "alac"}),
    "mov": frozenset({"aac", "mp3", "ac3", "eac3", "alac"}),  # PCM would lose its gaps there
    "matroska": frozenset(
        {"aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s24le", "opus", "vorbis", "flac", "dts", "truehd"}
    ),
}
_LAST_OF_A_RECORDING_S = 0.5
_LONG_GAP_S = 1.0  # that is filled with silence piece by piece, be it at the start
_SILENT_SAMPLES = 1024  # an AAC frame
_AAC_BITS_PER_CHANNEL = 96_000
_AAC_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)  # the first where none fits


class AudioTrack:
    """Feeds a file's sound into a video that is being written, never further than the pictures have come.

    It starts with the first packet at or after the video's time 0: up to about a tenth of a second of its beginning is
    left out, and the rest is in step with the pictures. Damaged packets are left out. Silence goes before sound that
    starts late, for a container holds back the pictures until each of its streams has begun.
    """

    def __init__(self, source: InputContainer, stream: AudioStream, start_s: float, output: OutputContainer) -> None:
        """Add an audio stream to an output whose header is not written yet; none where no sound follows.

        Args:
            source: Where the sound comes from; closed with the track.
            stream: Its audio stream.
            start_s: The time in the source which the video's time 0 stands for, in seconds.
            output: The video.
        """
        self._next: Packet[AudioStream] | None = None
        self._begun = False
        self._source = source
        self._stream = stream
        self._start_s = start_s
        self._output = output
        self._incoming = self._source_packets()
        first = next(self._incoming, None)
        if first is None or not first.size:
            self._packets: Iterator[Packet[AudioStream]] = iter(())
            return
        self._incoming = chain([first], self._incoming)
        self._first_s = float((first.pts or 0) * first.time_base)
        codec = stream.codec_context.codec.canonical_name
        # The containers keep a codec's set-up apart from its packets; AAC out of a broadcast stream has it in them.
        has_setup = codec != "aac" or stream.codec_context.extradata is not None
        if codec in _COPIED[output.format.name] and has_setup and self._first_s < _LONG_GAP_S:
            self._packets = self._copied(output.add_stream_from_template(stream))
        else:
            self._packets = self._encoded(_add_aac(output, stream))

    @classmethod
    def of_file(cls, location: Path | str, start_s: float, output: OutputContainer) -> AudioTrack | None:
        """The sound of a file or what an address gives; None where it has none, or none that can be decoded here."""
        try:
            source = open_container(location)
        except av.FFmpegError:
            return None
        stream = source.streams.best("audio")
        if not isinstance(stream, AudioStream) or cast("AudioCodecContext | None", stream.codec_context) is None:
            source.close()
            return None
        return cls(source, stream, start_s, output)

    def advance(self, until_s: float) -> None:
        """Write what begins before this time of the video, in seconds.

        Raises:
            av.FFmpegError: The output cannot be written.
        """
        while True:
            self._next = self._next or next(self._packets, None)
            if self._next is None:
                return
            # The first one goes ahead: without any, an AC-3 stream cannot be completed.
            if self._begun and float((self._next.pts or 0) * self._next.time_base) >= until_s:
                return
            self._output.mux(self._next)
            self._next, self._begun = None, True

    def close(self) -> None:
        self._source.close()

    def _source_packets(self) -> Iterator[Packet[AudioStream]]:
        """The stream's sound packets, moved to the video's clock, ending with an empty one."""
        start = round(self._start_s / (self._stream.time_base or 1))
        latest = -1
        try:
            for packet in self._joined():
                if packet.size == 0:
                    yield packet
                elif packet.pts is not None and packet.pts - start > latest and not packet.is_corrupt:
                    packet.pts -= start
                    packet.dts = latest = packet.pts  # sound is never reordered
                    yield packet
        except av.FFmpegError as error:  # the pictures go on without sound
            path, at_s = self._output.name.removeprefix("file:"), float(max(latest, 0) * (self._stream.time_base or 0))
            _LOGGER.info("%s: its sound broke off at %.1f s: %s", path, at_s, what_failed(error))

    def _joined(self) -> Iterator[Packet[AudioStream]]:
        """The stream's packets; where recordings were joined and the clock is set back, moved as the pictures are."""
        pictures = self._source.streams.best("video")
        if not isinstance(pictures, VideoStream):
            yield from self._source.demux(self._stream)
            return
        rate = pictures.average_rate or pictures.guessed_rate
        origin = round(self._start_s / (pictures.time_base or 1))
        clock = PresentationClock(pictures.time_base, float(rate) if rate else None, origin)
        time_base = self._stream.time_base or Fraction(1)
        slip, late = (round(seconds / time_base) for seconds in (clock.LARGEST_SLIP_S, _LAST_OF_A_RECORDING_S))
        ahead: list[Packet[AudioStream]] = []  # of the pictures of their recording
        shift, former, latest, until = 0, 0, 0, -1
        for packet in self._source.demux(self._stream, pictures):
            packets = [cast("Packet[AudioStream]", packet)]
            if packet.stream is pictures:
                clock.seconds(packet.pts if packet.dts is None else packet.dts)  # in the order in which packets come
                packets = []
                if round(clock.shift_s / time_base) != shift:
                    former, shift, until = shift, round(clock.shift_s / time_base), latest + late
                    packets, ahead = ahead, []
            for sound in packets:
                if sound.pts is not None:
                    if latest <= sound.pts + former <= until:  # the end of the recording before: demuxers hold it back
                        sound.pts += former
                    elif packet.stream is not pictures and sound.pts + shift < latest - slip:
                        ahead.append(sound)
                        continue
                    else:
                        sound.pts, until = sound.pts + shift, -1
                    latest = max(latest, sound.pts)
                yield sound

    def _copied(self, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
        for packet in self._incoming:
            if packet.size:
                packet.stream = stream
                yield packet

    def _encoded(self, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
        for resampled in self._resampled(stream):
            with suppress(av.FFmpegError):  # samples that are no numbers, as damage can make them
                yield from _from_zero(stream.encode(resampled))
        with suppress(av.FFmpegError):
            yield from _from_zero(stream.encode())

    def _resampled(self, stream: AudioStream) -> Iterator[AudioFrame]:
        """The sound in the form that the stream takes, whatever it changes to on its way."""
        end_s = 0.0  # of what the stream has got
        form: tuple[str, str, int] | None = None
        resampler = _resampler_to(stream)
        for frame in self._decoded():
            former, form = form, (frame.format.name, frame.layout.name, frame.sample_rate)
            begin_s = end_s if frame.time is None else frame.time
            gap = begin_s - end_s >= _LONG_GAP_S  # which a resampler would fill all at once
            if gap or former not in (None, form):  # a resampler takes one form alone
                for resampled in resampler.resample(None):
                    end_s = _end_s(resampled, end_s)
                    yield resampled
                resampler = _resampler_to(stream)
            if gap:
                yield from _silence(stream, end_s, begin_s)
                end_s = begin_s
            _count_in_samples(frame)
            for resampled in resampler.resample(frame):
                end_s = _end_s(resampled, end_s)
                yield resampled
        yield from resampler.resample(None)

    def _decoded(self) -> Iterator[AudioFrame]:
        for packet in self._incoming:
            with suppress(av.FFmpegError):
                yield from packet.decode()


def _silence(stream: AudioStream, begin_s: float, end_s: float) -> Iterator[AudioFrame]:
    """Nothing to hear from one time to another, in the form that the stream takes."""
    begin, end = round(begin_s * stream.rate), round(end_s * stream.rate)
    for start in range(begin, end, _SILENT_SAMPLES):
        frame = AudioFrame(stream.format.name, stream.layout.name, min(_SILENT_SAMPLES, end - start))
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = stream.rate, start, Fraction(1, stream.rate)
        yield frame


def _end_s(frame: AudioFrame, otherwise: float) -> float:
    return otherwise if frame.time is None else frame.time + frame.samples / frame.sample_rate


def _resampler_to(stream: AudioStream) -> AudioResampler:
    # "async" fills gaps with silence, so that what follows one stays in step.
    return AudioResampler(stream.format, stream.layout, stream.rate, options={"async": "1"})


def _count_in_samples(frame: AudioFrame) -> None:
    """Give the frame a time base fine enough to cut it anew; containers count in milliseconds or whole packets."""
    if frame.pts is not None and frame.time_base is not None:
        frame.pts = round(frame.pts * frame.time_base * frame.sample_rate)
        frame.time_base = Fraction(1, frame.sample_rate)


def _from_zero(packets: list[Packet[AudioStream]]) -> list[Packet[AudioStream]]:
    """Without the silence that an encoder starts with, which would move the pictures' times."""
    return [packet for packet in packets if packet.pts is not None and packet.pts >= 0]


def _add_aac(output: OutputContainer, source: AudioStream) -> AudioStream:
    rate = source.rate if source.rate in _AAC_RATES else _AAC_RATES[0]
    stream = output.add_stream("aac", rate=rate)
    stream.layout = "mono" if source.channels == 1 else "stereo"
    stream.bit_rate = _AAC_BITS_PER_CHANNEL * stream.channels
    return stream
