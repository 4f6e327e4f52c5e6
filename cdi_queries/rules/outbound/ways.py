"""Where queries may go: formats, addresses as they are typed, and which machines may be called.

An address is set by a person and called by our own server, so it could be aimed at what only our server
reaches.  Every name is resolved once, every address that it stands for is judged here, and the connection is
made to the judged address itself: a second answer of the name server changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from coding_ops.core.errors import InvalidInput

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


class Format(StrEnum):
    """What a message is written as."""

    MAIL = "mail"
    HL7_ORU = "hl7_oru"
    HL7_MDM = "hl7_mdm"
    FHIR = "fhir"


class Carrier(StrEnum):
    """How it travels; the values are the address's scheme."""

    MLLP = "mllp"
    MLLP_TLS = "mllps"
    HTTPS = "https"
    FOLDER = "drop"


CARRIERS: Final = {
    Format.MAIL: (),
    Format.HL7_ORU: (Carrier.MLLP, Carrier.MLLP_TLS, Carrier.FOLDER),
    Format.HL7_MDM: (Carrier.MLLP, Carrier.MLLP_TLS, Carrier.FOLDER),
    Format.FHIR: (Carrier.HTTPS, Carrier.FOLDER),
}
#: Below it lie mail, shells, name servers: nothing that takes these messages, HTTPS apart.
LOWEST_PORT: Final = 1024
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
                          r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")  # fmt: skip
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?")
#: Protocol assignments that Python calls public, and tunnels: the IPv4 address is hidden inside, so what they
#: lead to cannot be judged by the outer address.
_NEVER: Final = tuple(
    ip_network(one) for one in ("192.0.0.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


@dataclass(frozen=True, slots=True)
class Way:
    """An address taken apart.  ``path`` is for HTTPS only."""

    carrier: Carrier
    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def authority(self) -> str:
        """Value of a ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


def parse_way(form: Format, text: str) -> Way | None:
    """The way of an address: ``mllp://host:port``, ``mllps://host:port``, ``https://host/path``, ``drop:``.

    None for mail.  Raises ``InvalidInput`` (``way.address``) that says what is wrong and what fits.
    """
    typed = text.strip()
    if form is Format.MAIL:
        if typed:
            raise _wrong("Mail needs no address: leave it empty.")
        return None
    fits = ", ".join(_EXAMPLES[one] for one in CARRIERS[form])
    scheme = typed.partition(":")[0].lower()
    carrier = next((one for one in CARRIERS[form] if one.value == scheme), None)
    if carrier is None:
        raise _wrong(f"Write the address as {fits}.")
    if carrier is Carrier.FOLDER:
        if typed.lower() != "drop:":
            raise _wrong("The drop folder has no address of its own: write drop: and nothing more.")
        return Way(carrier)
    return _of_url(carrier, typed, fits)


def _of_url(carrier: Carrier, typed: str, fits: str) -> Way:
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise _wrong(f"Write the address as {fits}.") from None
    host = parts.hostname or ""
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in typed or "#" in typed:
        raise _wrong("An address holds no name, password, question mark or number sign.")
    if not _is_host(host) or not _PATH.fullmatch(parts.path) or ".." in parts.path:
        raise _wrong(f"Write the address as {fits}.")
    if carrier is Carrier.HTTPS:
        chosen = 443 if port is None else port
        if chosen != 443 and chosen < LOWEST_PORT:
            raise _wrong(f"The port is 443 or one from {LOWEST_PORT} on.")
        return Way(carrier, host, chosen, parts.path.rstrip("/"))
    if parts.path not in ("", "/"):
        raise _wrong(f"Write the address as {fits}.")
    if port is None or port < LOWEST_PORT:
        raise _wrong(f"Name a port from {LOWEST_PORT} on: {fits}.")
    return Way(carrier, host, port)


def _is_host(host: str) -> bool:
    if ":" in host:
        return _parsed(host) is not None
    return _HOST.fullmatch(host) is not None


def _parsed(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def may_call(carrier: Carrier, address: str, ours: Iterable[Network]) -> bool:
    """Whether a resolved address may be called.

    ``ours``: networks that the operator has opened (VPNs to clients).  Anything public may be called when
    the way is encrypted; plain MLLP only inside those networks; nothing else inside our own house ever.
    """
    found = _parsed(address)
    if found is None:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_multicast or found.is_unspecified:
        return False
    if any(found.version == one.version and found in one for one in ours):
        return True
    if carrier is Carrier.MLLP or any(found in one for one in _NEVER if one.version == found.version):
        return False
    return found.is_global


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks of their CIDR texts.  Raises ``ValueError`` for what is none."""
    return tuple(ip_network(one) for one in texts)


_EXAMPLES: Final = {
    Carrier.MLLP: "mllp://10.20.30.40:2575",
    Carrier.MLLP_TLS: "mllps://inbox.example.org:2576",
    Carrier.HTTPS: "https://fhir.example.org/r4",
    Carrier.FOLDER: "drop:",
}


def _wrong(message: str) -> InvalidInput:
    return InvalidInput(message, code="way.address")
