"""A source watched live: reading, inference, recording and downloads, each on a thread of its own, free of any window.

The controller is what a window talks to. Nothing it offers waits for a model, a camera, a disk or the network; what
happens is told as news (app.live.news), from whatever thread it happened on.
"""
