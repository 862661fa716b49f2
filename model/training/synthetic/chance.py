"""Random people, places and light for training pictures. Every function draws from the generator it is given."""

import colorsys
from typing import TypeVar

import numpy as np

from model.training.synthetic.body import BodyModel
from model.training.synthetic.lighting import Light
from model.training.synthetic.room import Block, Room
from model.training.synthetic.scenery import Park, Scenery, Studio
from model.training.synthetic.wardrobe import Colour, DressedBody, Hair, Outfit, dress

Random = np.random.Generator
T = TypeVar("T")

_SKIN: tuple[Colour, ...] = (
    (0.93, 0.76, 0.66), (0.87, 0.67, 0.55), (0.8, 0.6, 0.46), (0.69, 0.49, 0.36), (0.55, 0.37, 0.27),
    (0.38, 0.25, 0.18),
)  # fmt: skip
_HAIR: tuple[Colour, ...] = (
    (0.07, 0.06, 0.06), (0.16, 0.1, 0.06), (0.3, 0.2, 0.12), (0.5, 0.36, 0.2), (0.75, 0.6, 0.38), (0.5, 0.22, 0.12),
    (0.65, 0.64, 0.63),
)  # fmt: skip
_WOMENS_HAIR: tuple[Hair, ...] = ("long", "long", "bun", "full", "short")
_MENS_HAIR: tuple[Hair, ...] = ("short", "short", "full")
_WOOD: tuple[Colour, ...] = ((0.62, 0.45, 0.3), (0.5, 0.36, 0.25), (0.72, 0.6, 0.46), (0.35, 0.25, 0.19))


def _pick(random: Random, choices: tuple[T, ...]) -> T:
    return choices[int(random.integers(len(choices)))]


def _colour(random: Random, saturation: tuple[float, float], value: tuple[float, float]) -> Colour:
    return colorsys.hsv_to_rgb(random.uniform(), random.uniform(*saturation), random.uniform(*value))


def _cloth(random: Random) -> Colour:
    return _colour(random, (0.0, 0.15) if random.uniform() < 0.35 else (0.3, 0.85), (0.12, 0.95))


def person(random: Random, model: BodyModel) -> DressedBody:
    """Somebody of any age from about ten, in everyday clothes."""
    female = bool(random.uniform() < 0.5)
    skirt = female and random.uniform() < 0.3
    short = random.uniform() < 0.25
    length = random.uniform(-0.6, -0.25) if skirt else random.uniform(-0.32, -0.2) if short else -0.755
    skin = _pick(random, _SKIN)
    hair = _pick(random, _WOMENS_HAIR if female else _MENS_HAIR)
    outfit = Outfit(
        sleeve=random.uniform(0.14, 0.24) if random.uniform() < 0.55 else random.uniform(0.34, 0.43),
        hem=random.uniform(-0.04, 0.06),
        neckline=random.uniform(0.0, 0.06),
        bottom="skirt" if skirt else "trousers",
        length=float(length),
        hair=hair,
        hair_length=random.uniform(0.35, 0.56),
        pattern=_pick(random, ("plain", "plain", "plain", "stripes", "checks", "dots", "print")),
        scale=random.uniform(0.02, 0.09),
        makeup=random.uniform(0.2, 1.0) if female else 0.0,
        top_colour=_cloth(random),
        second_colour=_cloth(random),
        bottom_colour=_cloth(random),
        shoe_colour=_cloth(random),
        sock_colour=skin if random.uniform() < 0.5 else _colour(random, (0, 0.1), (0.1, 0.95)),
        hair_colour=_pick(random, _HAIR),
        skin_colour=skin,
        eye_colour=_pick(random, ((0.3, 0.2, 0.12), (0.25, 0.35, 0.45), (0.28, 0.33, 0.2))),
    )
    return dress(
        model,
        outfit,
        gender=float(female) * 0.8 + random.uniform(0, 0.2),
        age=random.uniform(0.38, 0.6) if random.uniform() < 0.12 else random.uniform(0.62, 0.95),
        muscle=random.uniform(0.3, 0.85),
        weight=random.uniform(0.25, 0.85),
        height=random.uniform(0.3, 0.75),
        african=random.uniform(),
        asian=random.uniform(),
        caucasian=random.uniform(),
        smile=random.uniform(),
    )


def _furniture(random: Random) -> tuple[Block, ...]:
    blocks: list[Block] = []
    left = -3.4
    while left < 2.4:
        left += random.uniform(0.1, 1.2)
        width = random.uniform(0.6, 2.0)
        if random.uniform() < 0.6:
            wood, height = _pick(random, _WOOD), random.uniform(0.5, 1.9)
            blocks.append(Block((left, 1.95, 0.0), (left + width, 2.4, height), wood, int(random.integers(2, 6))))
        else:
            cloth = _cloth(random)
            blocks.append(Block((left, 1.6, 0.0), (left + width, 2.4, 0.43), cloth))
            blocks.append(Block((left, 2.1, 0.4), (left + width, 2.38, 0.85), cloth))
        left += width
    return tuple(blocks)


def scenery(random: Random) -> Scenery:
    """A studio, a room or a park."""
    kind = random.uniform()
    if kind < 0.25:
        return Studio(_colour(random, (0.0, 0.5), (0.3, 0.95)))
    if kind < 0.75:
        return Room(
            wall_colour=_colour(random, (0.0, 0.45), (0.4, 0.9)),
            floor_colour=_pick(random, _WOOD) if random.uniform() < 0.6 else _colour(random, (0, 0.4), (0.25, 0.85)),
            floor=_pick(random, ("boards", "tiles", "carpet")),
            wallpaper=_pick(random, ("plain", "stripes", "bricks", "dots")),
            accent=_colour(random, (0.1, 0.7), (0.2, 0.8)),
            furniture=_furniture(random),
            seed=int(random.integers(1000)),
        )
    return Park(int(random.integers(1000)))


def light(random: Random) -> Light:
    """From either side and any height, warm or cold, hard or soft."""
    warmth = random.uniform(-0.12, 0.12)
    lamp = random.uniform(0.35, 0.95) * np.array([1 + warmth, 1, 1 - warmth])
    sky = random.uniform(0.3, 0.55) * np.array([1 - 0.5 * warmth, 1, 1 + 0.5 * warmth])
    return Light(
        (random.uniform(-1.2, 1.2), random.uniform(-1.2, 0.1), random.uniform(0.6, 1.6)),
        (float(lamp[0]), float(lamp[1]), float(lamp[2])),
        (float(sky[0]), float(sky[1]), float(sky[2])),
    )
