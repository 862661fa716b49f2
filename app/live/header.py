"""What a keypoint file or a receiver is told about a source that is watched live."""

from app.live.news import EngineInfo, LivePicture, SourceOpened
from app.sinks.keypoints_jsonl import KeypointsHeader


def header_of(source: SourceOpened, info: EngineInfo, picture: LivePicture) -> KeypointsHeader:
    """The header for pictures of this size, found by these networks."""
    height, width = picture.frame.size
    return KeypointsHeader(
        source=source.name,
        width=width,
        height=height,
        fps=source.fps,
        model=info.model,
        detector=info.detector,
        keypoint_names=info.skeleton.keypoint_names,
        skeleton=info.skeleton.links,
    )
