import pytest

from study.address import AddressError, check_dataset
from study.errors import public


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://example.org/a/set.tar.gz", "https://example.org/a/set.tar.gz"),
        ("https://me:secret@example.org:8443/set.tar.gz", "https://example.org:8443/set.tar.gz"),
        ("https://me:sec@ret@example.org/@me/set.tar.gz", "https://example.org/@me/set.tar.gz"),
        ("https://example.org/set.tar.gz?X-Amz-Signature=secret", "https://example.org/set.tar.gz"),
        ("https://example.org?token=secret/set.tar.gz", "https://example.org"),
        ("https://example.org/set.tar.gz#secret", "https://example.org/set.tar.gz"),
        ("http://[::1]:8000/x.tar.gz", "http://[::1]:8000/x.tar.gz"),
        ("http://me:sec/ret@example.org/x.tar.gz", "http://..."),
        ("http://me:sec#ret@example.org/x.tar.gz", "http://..."),
        ("http://[::1", "http://[::1"),
        ("pictures/what?#is@this", "pictures/what?#is@this"),
        ("cinic10", "cinic10"),
    ],
)
def test_what_may_be_secret_is_not_shown(address, shown):
    assert public(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        "http://h/x",
        "HTTP://h/x",
        "https://h:443/x?y",
        "http://[::1]:8000/x",
        "http://u:p@h/x",
        "http://ü.example/x",
    ],
)
def test_an_address_is_taken(address):
    check_dataset(address)


@pytest.mark.parametrize(
    "address",
    ["http://[::1", "http://[::1]x/y", "http://::1/x", "http://h:port/x", "http://h:123456/x", "http://", "http:///x",
     "http://a host/x", "http://u:p@/x", "http://:80/x", "http://h\\x/y"],
)  # fmt: skip
def test_a_host_or_port_that_cannot_be_read_is_one_line(address):
    with pytest.raises(AddressError, match=r"expected an address like .* received http://.*, whose"):
        check_dataset(address)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://u:secret@h/x", "s3://bucket/x", "httpx://h/x"]
)
def test_an_address_of_another_kind_is_one_line(address):
    with pytest.raises(AddressError, match="expected a path, or an address of http or https, rec") as caught:
        check_dataset(address)
    assert "secret" not in str(caught.value)
