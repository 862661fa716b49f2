"""Downloading one file over HTTPS, going on where an earlier attempt broke off."""

import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import LocationParseError

from model.errors import WeightsError

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
ATTEMPTS = 5
CHUNK_BYTES = 1 << 16

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called as a file arrives, with its name, the bytes that are here and, where known, the bytes in all."""


class _BrokenError(Exception):
    """The connection ended before the file did."""


def download(url: str, partial: Path, name: str, progress: Progress) -> None:
    """Bring a file's content into `partial`, after whatever an earlier attempt left there.

    A server that cannot go on from the middle sends the file from its beginning. A connection that breaks is opened
    again as long as that brings the file further.

    Args:
        url: Where the file is published.
        partial: The file to fill; on error it keeps what has arrived.
        name: What to call the file in messages and to `progress`.
        progress: Told of every piece that arrives.

    Raises:
        WeightsError: The server cannot be reached, refuses, or breaks off; the message says which.
        OSError: `partial` cannot be written.
    """
    host = urlsplit(url).netloc
    for _ in range(ATTEMPTS):
        before = _size(partial)
        try:
            return _transfer(url, partial, name, progress)
        except _BrokenError:
            if _size(partial) <= before:
                break
        except requests.Timeout as error:
            raise WeightsError(f"cannot fetch {name}: {host} does not answer") from error
        except requests.exceptions.SSLError as error:
            if "NO_CERTIFICATE" in str(error):
                remedy = "correct or unset REQUESTS_CA_BUNDLE"
                raise WeightsError(f"cannot fetch {name}: the bundle of certificates holds none; {remedy}") from error
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                raise WeightsError(f"cannot fetch {name}: no network, or {host} is out of reach") from error
            remedy = "if your network puts its own in between, name that in REQUESTS_CA_BUNDLE"
            raise WeightsError(f"cannot fetch {name}: the certificate of {host} is not trusted; {remedy}") from error
        except (requests.exceptions.ProxyError, LocationParseError) as error:
            remedy = "correct or unset HTTPS_PROXY and HTTP_PROXY"
            raise WeightsError(f"cannot fetch {name}: the proxy on the way to {host} fails; {remedy}") from error
        except requests.ConnectionError as error:
            raise WeightsError(f"cannot fetch {name}: no network, or {host} is out of reach") from error
        except requests.RequestException as error:
            raise WeightsError(f"cannot fetch {name} from {url}: {error}") from error
    raise WeightsError(f"cannot fetch {name}: the connection to {host} broke after {_size(partial):,} bytes")


def _transfer(url: str, partial: Path, name: str, progress: Progress) -> None:
    start = _size(partial)
    # Compressed on the way, the bytes could not be counted from the middle of the file.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        answer = requests.get(url, headers=headers, stream=True, timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S))
    except requests.RequestException:
        raise
    except OSError as error:  # a bundle of certificates that is not there
        raise WeightsError(f"cannot fetch {name}: {error}; correct or unset REQUESTS_CA_BUNDLE") from error
    with answer as response:
        status = response.status_code
        if start and status in (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
            if not _goes_on(response, start):
                partial.unlink()
                return _transfer(url, partial, name, progress)
        elif not response.ok:
            raise WeightsError(f"cannot fetch {name}: {url} answered {status} {response.reason}")
        else:
            start = 0
        length = response.headers.get("Content-Length")
        total = None if length is None else start + int(length)
        done = start
        with partial.open("ab" if start else "wb") as file:
            progress(name, done, total)
            try:
                for chunk in response.iter_content(CHUNK_BYTES):
                    file.write(chunk)
                    done += len(chunk)
                    progress(name, done, total)
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
                raise _BrokenError from error
    if total is not None and done < total:
        raise _BrokenError
    return None


def _goes_on(response: requests.Response, start: int) -> bool:
    """Whether the answer is the rest of the file from `start` on."""
    sent = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return response.status_code == HTTPStatus.PARTIAL_CONTENT and sent is not None and int(sent[1]) == start


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
