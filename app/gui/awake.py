"""Keeps the display from going dark while a live picture is shown."""

import ctypes
import os
import subprocess
import sys
from contextlib import suppress

from PyQt6.QtDBus import QDBusArgument, QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusPendingReply

_APPLICATION = "Lite-HRNet Live"
_PATIENCE_MS = 2000
_UNSIGNED = 3  # QMetaType::UInt
_WINDOWS_CONTINUOUS = 0x80000000
_WINDOWS_DISPLAY = 0x00000002


class KeepAwake:
    """Asks the system to leave the display on. Where the system does not take such wishes, nothing happens."""

    def __init__(self) -> None:
        self._on = False
        self._cookie: int | None = None
        self._watchers: list[QDBusPendingCallWatcher] = []  # of the wishes that are not answered yet
        self._caffeinate: subprocess.Popen[bytes] | None = None

    def set(self, on: bool) -> None:
        """Begin or end; never waits."""
        if on == self._on:
            return
        self._on = on
        if sys.platform == "win32":
            flags = _WINDOWS_CONTINUOUS | (_WINDOWS_DISPLAY if on else 0)
            ctypes.windll.kernel32.SetThreadExecutionState(flags)
        elif sys.platform == "darwin":
            self._set_on_macos(on)
        else:
            self._set_on_linux(on)

    def _set_on_macos(self, on: bool) -> None:
        if on:
            with suppress(OSError):
                self._caffeinate = subprocess.Popen(["caffeinate", "-d", "-w", str(os.getpid())])
        elif self._caffeinate is not None:
            self._caffeinate.terminate()
            self._caffeinate = None

    def _set_on_linux(self, on: bool) -> None:
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        if on:
            call = _screen_saver("Inhibit", [_APPLICATION, "showing a live picture"])
            watcher = QDBusPendingCallWatcher(bus.asyncCall(call, _PATIENCE_MS))
            watcher.finished.connect(self._take_cookie)
            self._watchers.append(watcher)
        elif self._cookie is not None:
            self._release(self._cookie)
            self._cookie = None

    def _take_cookie(self, watcher: QDBusPendingCallWatcher) -> None:
        self._watchers.remove(watcher)
        reply = QDBusPendingReply(watcher)
        if not reply.isValid():
            return
        cookie = int(reply.value())
        if self._on and self._cookie is None:
            self._cookie = cookie
        else:  # taken back before the answer came
            self._release(cookie)

    def _release(self, cookie: int) -> None:
        argument = QDBusArgument()
        argument.add(cookie, _UNSIGNED)  # a plain int would go as a signed one
        QDBusConnection.sessionBus().asyncCall(_screen_saver("UnInhibit", [argument]), _PATIENCE_MS)


def _screen_saver(method: str, arguments: list[object]) -> QDBusMessage:
    name = "org.freedesktop.ScreenSaver"
    message = QDBusMessage.createMethodCall(name, "/org/freedesktop/ScreenSaver", name, method)
    message.setArguments(arguments)
    return message
