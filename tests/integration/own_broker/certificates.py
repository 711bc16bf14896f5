"""An authority of the tests, and certificates that it signed for a broker and for a client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LIFETIME: Final = timedelta(days=1)


@dataclass(frozen=True)
class Certificates:
    """Files in PEM. `stranger` is an authority that signed none of them."""

    authority: Path
    stranger: Path
    broker: Path
    broker_key: Path
    client: Path
    client_key: Path


class _Authority:
    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(name)
        basic = x509.BasicConstraints(ca=True, path_length=None)
        unsigned = _unsigned(self.name, self.name, self.key.public_key()).add_extension(basic, critical=True)
        self.certificate = unsigned.sign(self.key, hashes.SHA256())

    def issue(self, directory: Path, name: str, address: str) -> tuple[Path, Path]:
        """A certificate for this name and address, and its key, as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        unsigned = _unsigned(_name(name), self.name, key.public_key()).add_extension(names, critical=False)
        certificate, key_file = directory / f"{name}.pem", directory / f"{name}-key.pem"
        certificate.write_bytes(unsigned.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))
        key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, key_file

    def write(self, path: Path) -> Path:
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return path


def make_certificates(directory: Path, client: str) -> Certificates:
    authority = _Authority("authority")
    broker, broker_key = authority.issue(directory, "broker", "127.0.0.1")
    client_file, client_key = authority.issue(directory, client, "127.0.0.1")
    return Certificates(
        authority=authority.write(directory / "authority.pem"),
        stranger=_Authority("stranger").write(directory / "stranger.pem"),
        broker=broker,
        broker_key=broker_key,
        client=client_file,
        client_key=client_key,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + LIFETIME)
    )
