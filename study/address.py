"""Addresses on the network: what of one may be shown, and whether it is one at all."""

from __future__ import annotations

import re

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+(%[\w.-]+)?\]|[^\s:@\[\]\\]+)(:\d{0,5})?")


class AddressError(ValueError):
    """An address from which nothing can be downloaded."""


def public(address: str) -> str:
    """An address without its user, password, query and fragment, which may be secret; other text as it is.

    >>> public("https://me:secret@example.org/set.tar.gz?token=1")
    'https://example.org/set.tar.gz'
    """
    scheme, host, path = _parts(address)
    if not scheme or not re.search("[@?#]", address):
        return address
    return f"{scheme}://{host}{path}" if _HOST.fullmatch(host) else f"{scheme}://..."


def check_dataset(address: str) -> None:
    """Refuse an address of a data set from which nothing can be downloaded.

    Raises
    ------
    AddressError
        It is not one of http or https, or has no host or port that can be read.
    """
    scheme, host, _ = _parts(address)
    if scheme.lower() not in ("http", "https"):
        raise AddressError(
            f"dataset: expected a path, or an address of http or https, received {public(address)}"
        )
    if not _HOST.fullmatch(host):
        raise AddressError(
            f"dataset: expected an address like https://example.org/set.tar.gz, received {public(address)}, "
            "whose host or port cannot be read"
        )


def _parts(address: str) -> tuple[str, str, str]:
    """Scheme, host with its port, and path, which are empty where it is no address."""
    scheme, found, rest = address.partition("://")
    place, slash, path = re.split("[?#]", rest, maxsplit=1)[0].partition("/")
    return (scheme, place.rpartition("@")[2], slash + path) if found else ("", "", "")
