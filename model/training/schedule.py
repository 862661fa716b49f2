"""The course of the learning rate."""

import math

from model.training.config import Stretch


def learning_rate(phase: Stretch, step: int, share: float) -> float:
    """The learning rate of a step.

    Args:
        phase: Whose schedule it is.
        step: Of the phase, from 0: what warming up goes by.
        share: Of the phase that is over, 0..1: what all else goes by.
    """
    schedule = phase.schedule
    if schedule.kind == "step":
        factor = schedule.step_factor ** sum(share >= at for at in schedule.steps_at)
    else:
        factor = schedule.last + (1 - schedule.last) * 0.5 * (1 + math.cos(math.pi * share))
    return phase.learning_rate * factor * min(1.0, (step + 1) / (schedule.warmup_steps + 1))
