"""Following persons from frame to frame under lasting ids."""

from app.tracking.proposal import CONTINUES, Proposal
from app.tracking.track import Track
from app.tracking.tracker import Tracker

__all__ = ["CONTINUES", "Proposal", "Track", "Tracker"]
