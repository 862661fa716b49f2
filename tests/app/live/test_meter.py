"""Rates and delays from a clock that the test moves."""

import pytest

from app.live.meter import DelayMeter, RateMeter


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_rate_is_that_of_the_last_moments() -> None:
    clock = _Clock()
    meter = RateMeter(clock)
    assert meter.rate() == 0
    for _ in range(100):
        clock.now += 0.1
        meter.count()
    for _ in range(100):
        clock.now += 0.04
        meter.count()
    assert meter.rate() == pytest.approx(25, rel=0.01)


def test_a_rate_falls_when_nothing_comes_and_ends_at_zero() -> None:
    clock = _Clock()
    meter = RateMeter(clock)
    for _ in range(50):
        clock.now += 0.04
        meter.count()
    clock.now += 1
    assert 5 < meter.rate() < 20
    clock.now += 5
    assert meter.rate() == 0


def test_a_delay_is_the_mean_of_the_last_moments() -> None:
    clock = _Clock()
    meter = DelayMeter(clock)
    assert meter.mean_s() is None
    meter.add(5.0)
    clock.now += 10
    meter.add(0.1)
    meter.add(0.3)
    assert meter.mean_s() == pytest.approx(0.2)
    meter.reset()
    assert meter.mean_s() is None
