import torch
from hypothesis import given
from hypothesis import strategies as st

from model.networks.blocks import shuffle_concat
from model.training.channel_order import channel_orders, places_after, shared_out, shuffled

HALVES = st.integers(1, 200)


@given(HALVES, st.integers(0, 5))
def test_orders_are_those_of_the_blocks(half: int, blocks: int) -> None:
    x = torch.arange(2 * half)[None, :, None, None]
    for _ in range(blocks):
        x = shuffle_concat(x[:, :half], x[:, half:])
    order = shuffled(torch.arange(2 * half), blocks)
    assert torch.equal(order, x.flatten())
    assert torch.equal(order[places_after(blocks, 2 * half)], torch.arange(2 * half))


@given(st.integers(1, 12), st.integers(1, 12))
def test_modules_are_shared_out_evenly_and_later_segments_have_more(segments: int, added: int) -> None:
    shares = shared_out(segments + added, segments)
    assert sum(shares) == segments + added
    assert shares == sorted(shares)
    assert shares[-1] - shares[0] <= 1


def test_networks_of_one_depth_have_their_channels_in_one_order() -> None:
    for orders in channel_orders((40, 80, 160, 320), (2, 4, 2), (2, 4, 2)):
        assert all(torch.equal(order, torch.arange(len(order))) for order in orders)


def test_correspondence_holds_both_ways() -> None:
    there = channel_orders((40, 80, 160, 320), (3, 8, 3), (2, 4, 2))
    back = channel_orders((40, 80, 160, 320), (2, 4, 2), (3, 8, 3))
    for ours, theirs in zip(there, back, strict=True):
        for order, inverse in zip(ours, theirs, strict=True):
            assert torch.equal(order[inverse], torch.arange(len(order)))
