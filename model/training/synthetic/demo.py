"""The demo clip: two people walk, wave and turn, before a plain background that turns into a room."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from model.arrays import UInt8Array
from model.errors import DatasetError
from model.training.synthetic.annotations import person_annotation, write_coco
from model.training.synthetic.body import load_body_model
from model.training.synthetic.camera import Camera
from model.training.synthetic.lighting import Light
from model.training.synthetic.motion import Walker, look_at, wave
from model.training.synthetic.render import SUPERSAMPLING, Actor, render
from model.training.synthetic.room import Room
from model.training.synthetic.scenery import Studio
from model.training.synthetic.steps import Route, ease
from model.training.synthetic.wardrobe import DressedBody, Outfit, dress

FRAME_RATE = 30
SIZE = (480, 854)


SECONDS = 10.0
FRAMES = round(SECONDS * FRAME_RATE)
CAMERA = Camera((0.5, -4.5, 1.35), (-0.08, 0.1, 0.93), SIZE, 815.0)
LIGHT = Light((-0.45, -0.85, 1.0))
PLAIN, FURNISHED = Studio(colour=(0.66, 0.72, 0.76)), Room(seed=4)
_FADE_S = (4.6, 5.4)  # from the plain background to the furnished one

# In the order of `cast`. He comes in, waves, walks behind her to the other side, turns round and waves; she waves,
# turns round, walks past before him, and waves from there.
WALKERS = (
    Walker(
        Route([
            (-1.0, -2.75, 0.8, 72), (1.4, -0.8, 0.1, 72), (2.0, -0.72, 0.05, 0), (5.1, -0.72, 0.05, 0),
            (5.6, -0.62, 0.3, 80), (7.0, 0.62, 0.4, 95), (9.1, 0.85, 0.2, 360),
        ]),
        (wave("R", 2.2, 4.9), look_at(-30, 0.4, 2.2), wave("L", 8.6, 12.0)),
        phase_s=0.1,
    ),
    Walker(
        Route([
            (1.3, 0.85, 0.0, -12), (4.3, 0.8, 0.05, 348), (4.6, 0.78, 0.0, 340), (5.1, 0.6, -0.2, 280),
            (7.5, -1.25, -0.45, 268), (8.2, -1.3, -0.4, 372),
        ]),
        (wave("L", -1.0, 1.7), look_at(-30, 5.2, 7.4), wave("R", 8.0, 12.0)),
        phase_s=0.3,
    ),
)  # fmt: skip


def cast() -> tuple[DressedBody, ...]:
    """The two people."""
    model = load_body_model()
    man = Outfit(
        pattern="stripes", scale=0.055, top_colour=(0.15, 0.22, 0.38), second_colour=(0.9, 0.89, 0.85),
        bottom_colour=(0.52, 0.45, 0.35), shoe_colour=(0.3, 0.2, 0.15), hair_colour=(0.2, 0.13, 0.08),
        skin_colour=(0.84, 0.64, 0.53),
    )  # fmt: skip
    woman = Outfit(
        makeup=0.8, sleeve=0.36, hem=0.03, neckline=0.04, bottom="skirt", length=-0.34, hair="long", hair_length=0.47,
        top_colour=(0.78, 0.25, 0.22), bottom_colour=(0.2, 0.21, 0.25), shoe_colour=(0.15, 0.14, 0.15),
        sock_colour=(0.62, 0.43, 0.33), hair_colour=(0.1, 0.07, 0.06), skin_colour=(0.68, 0.48, 0.37),
    )  # fmt: skip
    return (
        dress(
            model, man, gender=0.0, age=0.7, muscle=0.75, weight=0.5, height=0.6,
            caucasian=1.0, asian=0.2, african=0.0, smile=0.9,
        ),
        dress(
            model, woman, gender=1.0, age=0.66, muscle=0.45, weight=0.42, height=0.55,
            caucasian=0.4, asian=0.3, african=0.6, smile=0.9,
        ),
    )  # fmt: skip


def frames() -> Iterator[tuple[UInt8Array, list[dict[str, Any]]]]:
    """Every frame in turn, (H, W, 3) uint8 BGR, with annotations that lack only their ids and the image's."""
    people = cast()
    fine = CAMERA.scaled(SUPERSAMPLING)
    plain, furnished = PLAIN(fine), FURNISHED(fine)
    for index in range(FRAMES):
        time_s = index / FRAME_RATE
        actors = []
        for body, walker in zip(people, WALKERS, strict=True):
            rig = body.rig()
            walker.pose(rig, time_s, body.sole)
            actors.append(Actor.posed(body, rig))
        share = ease((time_s - _FADE_S[0]) / (_FADE_S[1] - _FADE_S[0]))
        picture = render(actors, CAMERA, furnished if share > 0 else plain, LIGHT)
        image = picture.image
        if 0 < share < 1:
            faded = render(actors, CAMERA, plain, LIGHT).image
            image = np.asarray(np.round(share * image + (1 - share) * faded), np.uint8)
        entries = []
        for track, actor in enumerate(actors):
            entry = person_annotation(
                fine.project(actor.keypoints), picture.owners, picture.depth, track, SUPERSAMPLING
            )
            if entry is not None:
                entries.append(entry | {"track_id": track + 1})
        yield image, entries


def write_demo(output: Path) -> Iterator[int]:
    """Write the clip, H.264 in yuv420p, and beside it NAME_keypoints.json.

    An image's file_name in that file is the clip's name, "#" and the frame's index; `frame_index` and `time_s` say
    the same. Annotations also hold a `track_id`, the same person's throughout.

    Args:
        output: The clip, an .mp4 file; its folder is made where it is missing.

    Yields:
        How many frames are written.

    Raises:
        DatasetError: The name is not one of an .mp4 file, or the files cannot be written.
    """
    import av

    if output.suffix.lower() != ".mp4":
        raise DatasetError(f"the demo is an .mp4 file, and {output} is none; choose another name")
    images, annotations = [], []
    height, width = SIZE
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(output), "w") as container:
            # One thread, so that the same frames make the same file.
            stream = container.add_stream("libx264", FRAME_RATE, {"crf": "19", "preset": "slow", "threads": "1"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for index, (picture, people) in enumerate(frames()):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
                name = f"{output.name}#{index:06d}"
                place = {"frame_index": index, "time_s": round(index / FRAME_RATE, 4)}
                images.append({"id": index, "file_name": name, "width": width, "height": height} | place)
                annotations += [person | {"image_id": index} for person in people]
                yield index + 1
            container.mux(stream.encode())
        numbered = [entry | {"id": number} for number, entry in enumerate(annotations, 1)]
        keypoints = output.with_name(f"{output.stem}_keypoints.json")
        write_coco(keypoints, images, numbered, f"True keypoints of {output.name}")
    except OSError as error:
        raise DatasetError(f"cannot write {output}: {error.strerror}; choose another place") from error
