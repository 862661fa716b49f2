"""Live outputs that the user has switched on: each on a thread of its own, started and ended with its switch."""

from collections.abc import Callable, Iterable
from functools import cache, partial

from app.address import Address
from app.drawing import DrawingStyle, draw_result
from app.live.header import header_of
from app.live.news import EngineInfo, LivePicture, SourceOpened
from app.live_outputs import LiveOutput
from app.live_outputs.opening import open_osc, open_virtual_camera, open_websocket
from app.live_outputs.sender import Sender, SenderState
from app.settings import OutputSettings, Settings

_LET_GO_S = 2.0


class Sending:
    """Offers every picture to the outputs that are on; none of them is ever waited for."""

    def __init__(self) -> None:
        self._senders: dict[str, tuple[object, Sender]] = {}
        self._ended: list[Sender] = []

    def use(self, outputs: OutputSettings) -> None:
        """Start and end outputs as the settings say; one whose address has changed is opened anew."""
        wanted = _wanted(outputs)
        senders = dict(self._senders)
        self._ended = [sender for sender in self._ended if sender.is_alive()]
        for name, (key, sender) in self._senders.items():
            if name not in wanted or wanted[name][0] != key:
                sender.stop()
                self._ended.append(sender)
                del senders[name]
        for name, (key, open_output) in wanted.items():
            if name not in senders:
                senders[name] = key, Sender(name, partial(_open_after, tuple(self._ended), open_output))
        self._senders = senders

    def offer(self, source: SourceOpened, info: EngineInfo, picture: LivePicture, settings: Settings) -> None:
        """Send a picture; never waits."""
        senders = self._senders
        if not senders or picture.result is None or picture.skeleton is None:
            return
        header = header_of(source, info, picture)
        style = DrawingStyle.from_settings(settings)
        drawn = cache(partial(draw_result, picture.frame.image, picture.result, picture.skeleton, style))
        for _, sender in senders.values():
            sender.offer(header, drawn, picture.result)

    def states(self) -> dict[str, SenderState]:
        """How each output does that is on."""
        return {name: sender.state() for name, (_, sender) in self._senders.items()}

    def threads(self) -> list[Sender]:
        """Threads that have not ended yet."""
        self._ended = [sender for sender in self._ended if sender.is_alive()]
        return [*self._ended, *(sender for _, sender in self._senders.values() if sender.is_alive())]


def _open_after(former: Iterable[Sender], open_output: Callable[[], LiveOutput]) -> LiveOutput:
    """Open an output once former ones have let go of what it may need: a port, a device."""
    for sender in former:
        sender.join(_LET_GO_S)
    return open_output()


def _wanted(outputs: OutputSettings) -> dict[str, tuple[object, Callable[[], LiveOutput]]]:
    wanted: dict[str, tuple[object, Callable[[], LiveOutput]]] = {}
    if outputs.osc:
        receiver = Address.parse(outputs.osc_address)
        wanted["osc"] = receiver, partial(open_osc, receiver)
    if outputs.websocket:
        address = Address.parse(outputs.websocket_address)
        wanted["websocket"] = address, partial(open_websocket, address)
    if outputs.virtual_camera:
        wanted["virtual_camera"] = None, open_virtual_camera
    return wanted
