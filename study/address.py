"""Whether an address on the network is one."""

from __future__ import annotations

from study.errors import HOST, StudyError, address_parts, public


class AddressError(StudyError):
    """An address from which nothing can be downloaded."""


def check_dataset(address: str) -> None:
    """Refuse an address of a data set from which nothing can be downloaded.

    Raises
    ------
    AddressError
        It is not one of http or https, or has no host or port that can be read.
    """
    scheme, host, _ = address_parts(address)
    if scheme.lower() not in ("http", "https"):
        raise AddressError(
            f"dataset: expected a path, or an address of http or https, received {public(address)}"
        )
    if not HOST.fullmatch(host):
        raise AddressError(
            f"dataset: expected an address like https://example.org/set.tar.gz, received {public(address)}, "
            "whose host or port cannot be read"
        )
