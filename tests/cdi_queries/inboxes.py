"""Inboxes as clients run them: real servers on this machine that keep what they are sent."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[str], bytes | None]


def acknowledgement(code: str, *, of: str = "") -> Answer:
    """An inbox that answers every message so; ``of``: as if it were another message's."""

    def answer(control_id: str) -> bytes:
        msa = f"MSA|{code}|{of or control_id}|said by the receiver"
        return f"\x0bMSH|^~\\&|INBOX||CODING OPS||20261123||ACK|1|P|2.5.1\r{msa}\r\x1c\r".encode()

    return answer


def silent(_control_id: str) -> bytes | None:
    """An inbox that hangs up without a word."""
    return None


@dataclass(slots=True)
class Inbox:
    """Where it listens and what it was sent."""

    port: int
    received: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def mllp_inbox(answer: Answer, *, context: ssl.SSLContext | None = None) -> Iterator[Inbox]:
    """Takes one framed message a connection and answers it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        inbox = Inbox(door.getsockname()[1])
        thread = threading.Thread(target=_take, args=(door, inbox, answer, context), daemon=True)
        thread.start()
        yield inbox
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)


def _take(door: socket.socket, inbox: Inbox, answer: Answer, context: ssl.SSLContext | None) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        with suppress(OSError), line:
            if context is not None:
                line = context.wrap_socket(line, server_side=True)
            received = b""
            while not received.endswith(b"\x1c\r"):
                chunk = line.recv(4096)
                if not chunk:
                    break
                received += chunk
            inbox.received.append(received)
            words = answer(received.split(b"|")[9].decode())
            if words is not None:
                line.sendall(words)
            line.close()


@dataclass(slots=True)
class FhirAnswers:
    """What the FHIR server says: status, body, and a place to send the caller on to."""

    status: int = 200
    entries: tuple[str, ...] = ("201 Created", "201 Created")
    location: str = ""
    raw: bytes | None = None


@contextmanager
def fhir_inbox(answers: FhirAnswers, context: ssl.SSLContext) -> Iterator[Inbox]:
    """Takes transaction bundles."""
    inbox = Inbox(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            inbox.received.append(self.rfile.read(int(self.headers["Content-Length"])))
            inbox.headers.append({**dict(self.headers), ":path": self.path})
            body: dict[str, Any] = {
                "resourceType": "Bundle",
                "type": "transaction-response",
                "entry": [{"response": {"status": one}} for one in answers.entries],
            }
            raw = json.dumps(body).encode() if answers.raw is None else answers.raw
            self.send_response(answers.status)
            if answers.location:
                self.send_header("Location", answers.location)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    inbox.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True, slots=True)
class Papers:
    """A certificate for this machine: the file a caller trusts, and what a server shows."""

    file: Path
    context: ssl.SSLContext


def papers(folder: Path) -> Papers:
    """A self-signed certificate of localhost and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "inbox.pem", folder / "inbox.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return Papers(certificate, context)
