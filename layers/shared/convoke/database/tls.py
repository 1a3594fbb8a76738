"""Finds the trusted certificates: those of Amazon RDS in the function's region, or those of a given file."""

import ssl
from pathlib import Path

from convoke.settings import SettingsError

_CERTIFICATES = Path(__file__).with_name("certificates")


def find_certificates(region: str) -> Path:
    """Return the file with RDS's root certificates for a region; raises SettingsError when there is none."""
    path = _CERTIFICATES / f"{region}.pem"
    if not region.replace("-", "").isalnum() or not path.exists():
        raise SettingsError(
            f"there are no certificates of RDS for the region {region!r}: "
            "set DATABASE_CA to the path of a PEM file with them"
        )
    return path


def make_context(certificates: Path) -> ssl.SSLContext:
    """Make a TLS context that trusts the file's certificates alone, and checks the server's name.

    Raises SettingsError when the file cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=str(certificates))
    except OSError as error:  # SSLError is one
        raise SettingsError(f"DATABASE_CA: no certificates can be read from {certificates}") from error
