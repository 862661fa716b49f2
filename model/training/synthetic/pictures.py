"""Training pictures of random people with true keypoints, in COCO's format."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from model.arrays import FloatArray, UInt8Array
from model.errors import DatasetError
from model.training.synthetic import chance, poses
from model.training.synthetic.annotations import box_alone_if_hidden, person_annotation, write_coco
from model.training.synthetic.body import load_body_model
from model.training.synthetic.camera import Camera
from model.training.synthetic.render import SUPERSAMPLING, Actor, render
from model.training.synthetic.vectors import f32

_SIZES = ((480, 640), (640, 480), (480, 480))
_LEAST_AREA = 600  # square pixels; less of a person than that is not annotated


def random_picture(seed: int, number: int) -> tuple[UInt8Array, list[dict[str, Any]]]:
    """One picture, (H, W, 3) uint8 BGR, and its people's annotations, which lack only their ids.

    Args:
        seed: Of the whole set.
        number: Of the picture in it; the same seed and number give the same picture, whatever else is drawn.
    """
    random = np.random.default_rng((seed, number))
    actors = [_actor(random, place) for place in _places(random)]
    camera = _camera(random, actors)
    fine = camera.scaled(SUPERSAMPLING)
    picture = render(actors, camera, chance.scenery(random)(fine), chance.light(random))
    entries = (
        person_annotation(fine.project(actor.keypoints), picture.owners, picture.depth, person, SUPERSAMPLING)
        for person, actor in enumerate(actors)
    )
    people = [box_alone_if_hidden(entry) for entry in entries if entry and entry["area"] >= _LEAST_AREA]
    return _worn(random, picture.image), people


def _places(random: np.random.Generator) -> list[FloatArray]:
    """(2,) places of one to three people, not inside nor straight behind one another."""
    wanted = int(random.choice(3, p=[0.5, 0.35, 0.15])) + 1
    places: list[FloatArray] = []
    while len(places) < wanted:
        place = f32(random.uniform((-1.3, -0.6), (1.3, 0.9)))
        apart = [np.abs(place - other) for other in places]
        if all(np.linalg.norm(gap) > 0.6 and gap[0] > 0.35 for gap in apart):
            places.append(place)
    return places


def _actor(random: np.random.Generator, place: FloatArray) -> Actor:
    body = chance.person(random, load_body_model())
    rig = body.rig()
    heading = random.normal(0, 50) if random.uniform() < 0.8 else random.uniform(0, 360)
    move = poses.walk if random.uniform() < 0.35 else poses.stand
    move(random, rig, place, float(heading), body.sole)
    return Actor.posed(body, rig)


def _camera(random: np.random.Generator, actors: list[Actor]) -> Camera:
    middle = np.mean([actor.keypoints.mean(0) for actor in actors], 0)
    size = _SIZES[int(random.integers(len(_SIZES)))]
    distance = random.uniform(2.4, 4.6) + 0.5 * (len(actors) - 1)
    aside = distance * random.uniform(-0.35, 0.35)
    position = (float(middle[0] + aside), float(middle[1] - distance), random.uniform(0.5, 2.1))
    target = (float(middle[0] + random.normal(0, 0.12)), float(middle[1]), float(middle[2] + random.normal(0, 0.12)))
    return Camera(position, target, size, float(max(size) * random.uniform(0.9, 1.25)))


def _worn(random: np.random.Generator, image: UInt8Array) -> UInt8Array:
    """The picture as a middling camera takes it: a little soft, noisy, too bright or too dark."""
    soft = f32(cv2.GaussianBlur(image, (0, 0), random.uniform(0.3, 1.0)))
    noise = f32(random.normal(0, random.uniform(0.5, 6), image.shape))
    return np.asarray((soft * random.uniform(0.8, 1.15) + noise).clip(0, 255), np.uint8)


def write_pictures(output: Path, count: int, seed: int) -> Iterator[int]:
    """Write `images/000000.jpg` and so on and, at the end, `annotations.json` into a folder.

    Args:
        output: The folder; made where it is missing.
        count: How many pictures.
        seed: Of the set.

    Yields:
        How many are written.

    Raises:
        DatasetError: The folder cannot be written.
    """
    images, annotations = [], []
    try:
        (output / "images").mkdir(parents=True, exist_ok=True)
        for number in range(count):
            picture, people = random_picture(seed, number)
            name = f"{number:06d}.jpg"
            encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
            (output / "images" / name).write_bytes(encoded.tobytes())
            images.append({"id": number, "file_name": name, "width": picture.shape[1], "height": picture.shape[0]})
            annotations += [entry | {"image_id": number} for entry in people]
            yield number + 1
        numbered = [entry | {"id": number} for number, entry in enumerate(annotations, 1)]
        write_coco(output / "annotations.json", images, numbered, f"Synthetic people, seed {seed}")
    except OSError as error:
        raise DatasetError(f"cannot write to {output}: {error.strerror}; choose another folder") from error
