"""Opens live outputs; what each needs is imported only then."""

from app.address import Address
from app.live_outputs import LiveOutput


def open_osc(receiver: Address) -> LiveOutput:
    """Keypoints as OSC bundles.

    Raises:
        OutputError: No host has that name.
    """
    from app.live_outputs.osc import OscOutput

    return OscOutput(receiver)


def open_websocket(address: Address) -> LiveOutput:
    """Keypoints as JSON over WebSocket.

    Raises:
        OutputError: Nothing can listen there.
    """
    from app.live_outputs.websocket import WebSocketOutput

    return WebSocketOutput(address)


def open_virtual_camera() -> LiveOutput:
    """The drawn picture as a camera.

    Raises:
        OutputError: pyvirtualcam is not installed.
    """
    from app.live_outputs.virtual_camera import VirtualCameraOutput

    return VirtualCameraOutput()
