from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.broker_address import BrokerAddress, BrokerAddressError, parse_broker_url

HOSTS = (
    st.from_regex(r"\A[a-z][a-z0-9]{0,10}(\.[a-z][a-z0-9]{0,10}){0,2}\Z")
    | st.just("::1")
    | st.just("10.0.0.7")
)
LOGINS = st.tuples(st.just(""), st.just("")) | st.tuples(st.text(min_size=1), st.text())


@given(HOSTS, st.integers(1, 65535), LOGINS, st.booleans(), st.booleans())
def test_an_address_survives_its_url(
    host: str, port: int, login: tuple[str, str], tls: bool, pinned: bool
) -> None:
    ca_file = Path("/etc/our ca&co.pem") if tls and pinned else None
    address = BrokerAddress(host, port, *login, tls=tls, ca_file=ca_file)
    assert parse_broker_url(address.url()) == address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://host", BrokerAddress("host", 1883)),
        ("mqtts://host", BrokerAddress("host", 8883, tls=True)),
        ("mqtt://night:s%2Fcr%40t@10.0.0.7:18830", BrokerAddress("10.0.0.7", 18830, "night", "s/cr@t")),
        ("mqtts://u:p@h/?ca=/ca.pem", BrokerAddress("h", 8883, "u", "p", tls=True, ca_file=Path("/ca.pem"))),
        ("mqtt://[::1]:1883", BrokerAddress("::1", 1883)),
        ("mqtt://u:p@ss@host", BrokerAddress("host", 1883, "u", "p@ss")),
    ],
)
def test_urls_mean_what_they_say(url: str, address: BrokerAddress) -> None:
    assert parse_broker_url(url) == address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "begins with mqtt://"),
        ("localhost:1883", "begins with mqtt://"),
        ("http://h", "begins with mqtt://"),
        ("mqtt:h", "begins with mqtt://"),
        ("mqtt://", "a host name"),
        ("mqtt://a..b", "a host name"),
        ("mqtt://" + "a" * 64, "a host name"),
        ("mqtt://[::1", "a host name"),
        ("mqtt://h:0", "a port from 1 to 65535"),
        ("mqtt://h:70000", "a port from 1 to 65535"),
        ("mqtt://h:port", "a port from 1 to 65535"),
        ("mqtt://h/topic", "nothing after the port"),
        ("mqtt://h?ca=/ca.pem", "that with mqtts:// only"),
        ("mqtts://h?insecure=1", "no parameter but ca=FILE"),
        ("mqtts://h?ca=", "no parameter but ca=FILE"),
    ],
)
def test_what_is_wrong_with_a_url_is_told(url: str, expected: str) -> None:
    with pytest.raises(BrokerAddressError, match=r"broker address: expected .*; example: mqtt://") as caught:
        parse_broker_url(url)
    assert expected in str(caught.value)


@given(
    scheme=st.sampled_from(["mqtt://", "mqtts://", "http://", "", "mqtt:"]),
    rest=st.sampled_from(["@h:0", "@", "@[", "@h/x", "@a..b", "@h?x=1", "@h:p"]),
    password=st.text(st.characters(codec="ascii", categories=["L", "N", "P"])).map(
        lambda text: f"hunter2{text}"
    ),
)
def test_no_error_shows_a_password(scheme: str, rest: str, password: str) -> None:
    with pytest.raises(BrokerAddressError) as caught:
        parse_broker_url(f"{scheme}user:{password}{rest}")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_other_text_shows_a_password() -> None:
    address = BrokerAddress("h", 1883, "night", "hunter2")
    assert "hunter2" not in f"{address} {address!r} {[address]}"
    assert str(BrokerAddress("::1", 8883, tls=True)) == "mqtts://[::1]:8883"


def test_certificates_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    not_pem = tmp_path / "ca.pem"
    not_pem.write_text("hello")
    for ca_file in (not_pem, tmp_path / "absent.pem"):
        with pytest.raises(BrokerAddressError, match="expected a PEM file of certificates"):
            BrokerAddress("h", 8883, tls=True, ca_file=ca_file).tls_context()


def test_certificates_are_always_checked() -> None:
    import ssl

    context = BrokerAddress("h", 8883, tls=True).tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
