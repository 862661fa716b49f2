import pytest

from app.address import Address
from app.settings import load_settings
from model.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("9000", "127.0.0.1", 9000),
        ("127.0.0.1:9000", "127.0.0.1", 9000),
        (" studio.local:1 ", "studio.local", 1),
        ("0.0.0.0:65535", "0.0.0.0", 65535),
        ("[::1]:8765", "::1", 8765),
    ],
)
def test_addresses_are_read_and_written(text: str, host: str, port: int) -> None:
    address = Address.parse(text)
    assert address == Address(host, port)
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "host",
        "host:",
        ":9000",
        "host:0",
        "host:65536",
        "host:-1",
        "::1:9000",
        "a b:9000",
        "http://host:80",
        "host:٣",
    ],
)
def test_what_is_no_address_is_told_what_one_looks_like(text: str) -> None:
    with pytest.raises(ValueError, match=r"write HOST:PORT, such as 127\.0\.0\.1:9000"):
        Address.parse(text)


def test_a_misfit_address_in_the_settings_names_its_key(tmp_path) -> None:
    (tmp_path / "settings.yaml").write_text("outputs: {osc_address: nowhere}")
    with pytest.raises(ConfigError, match=r"outputs\.osc_address"):
        load_settings(tmp_path / "settings.yaml")
