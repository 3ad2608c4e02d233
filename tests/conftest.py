"""What holds for every test: repeatable examples, and no network beyond this machine."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# No deadline: the first example of a test may compile a kernel.
settings.register_profile("local", max_examples=40, deadline=None)
settings.register_profile("ci", max_examples=40, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "soak", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))


class NetworkRefused(RuntimeError):
    """A test tried to reach an address outside this machine."""


def is_local(host: object) -> bool:
    """Whether a host is this machine; names other than localhost would have to be looked up outside."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


def check_address(sock: socket.socket, address: Any) -> None:
    """Refuse an address that is not local; sockets of the file system are always local."""
    if sock.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
        raise NetworkRefused(f"expected an address on this machine, got {address!r}: tests use no network")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Let sockets reach loopback and nothing else, names included."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    sendto, getaddrinfo = socket.socket.sendto, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check_address(self, address)
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check_address(self, address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        check_address(self, rest[-1])
        return sendto(self, data, *rest)

    def guarded_getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        if not is_local(host):
            raise NetworkRefused(f"expected a name of this machine, got {host!r}: tests use no network")
        return getaddrinfo(host, *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket.socket, "sendto", guarded_sendto)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


# What a machine may lack, the word in the reason of a skip, and the command that brings it.
BROUGHT_BY = (
    ("Chromium", "the pages in a real browser", "apt-get install chromium, or make browser"),
    ("PostgreSQL", "the gateway's second store", "apt-get install postgresql"),
    ("LibreOffice", "the workbooks, recomputed", "apt-get install --no-install-recommends libreoffice-calc"),
)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end what was not tested on this machine, and how to get it."""
    reasons = [
        str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        for report in terminalreporter.stats.get("skipped", ())
    ]
    lines = []
    for word, what, command in BROUGHT_BY:
        count = sum(word in reason for reason in reasons)
        if count:
            lines.append(f"{count} tests of {what} were skipped: {word} is not installed ({command}).")
    if lines:
        terminalreporter.write_sep("-", "not tested here")
        for line in lines:
            terminalreporter.write_line(line)
