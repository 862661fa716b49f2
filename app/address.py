"""Network addresses as users write them: HOST:PORT, or a port alone on this machine; and URLs as they are shown."""

import re
from dataclasses import dataclass
from typing import Self

LOOPBACK = "127.0.0.1"
_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")
_CREDENTIALS_IN_TEXT = re.compile(r"(?<=://)[^/?#\s]*@")


@dataclass(frozen=True)
class Address:
    """A host's name or number, and a port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read [HOST:]PORT; an IPv6 number stands in brackets.

        Raises:
            ValueError: The text is no such address.
        """
        host, colon, port = text.strip().rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        host = host[1:-1] if bracketed else host
        host_fits = bool(host) if colon else True
        if not host_fits or (":" in host and not bracketed) or any(letter in host for letter in " /[]"):
            raise ValueError(f"{text!r} is no address; write HOST:PORT, such as {LOOPBACK}:9000")
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
            raise ValueError(f"{text!r} has no port from 1 to 65535; write HOST:PORT, such as {LOOPBACK}:9000")
        return cls(host or LOOPBACK, int(port))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def without_password(url: str) -> str:
    """The URL as it may be shown and stored: without user name and password."""
    return _CREDENTIALS.sub("", url)


def without_passwords(text: str) -> str:
    """The same of a text with URLs in it."""
    return _CREDENTIALS_IN_TEXT.sub("", text)
