"""Synthetic people with true keypoints: the demo clip and training pictures, rendered without a graphics card.

    python -m model.training.synthetic demo --output assets/demo.mp4
    python -m model.training.synthetic pictures --count 200 --output DIR --seed 0

Bodies come from the anny model (`body`), which only developers need; `rig` poses them, `wardrobe` dresses them from
`surfaces` cut out of the body's own, `paint` colours them. `motion` and `poses` move them; `scenery` and `room` are
where they stand. `render` puts it together with `rasterizer`, `lighting` and `camera`; `annotations` writes what is
true. `demo` and `pictures` are the two products, and `chance` is what differs between pictures.
"""
