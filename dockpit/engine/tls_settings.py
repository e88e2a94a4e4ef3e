"""TLS as the docker CLI configures it: the PEM files of a folder, and the DOCKER_TLS variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dockpit.model.errors import EndpointError


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """PEM files for a TLS connection; no `ca` means the system's trust store, no `cert` no client certificate."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    verify: bool = True
    """False for SkipTLSVerify and for DOCKER_TLS without DOCKER_TLS_VERIFY: any server certificate is accepted."""


def read_pem_folder(folder: Path, verify: bool) -> TlsSettings:
    """The ca.pem, cert.pem and key.pem that `folder` has. Raises EndpointError for half a client certificate."""
    ca, cert, key = (_existing_file(folder / f"{stem}.pem") for stem in ("ca", "cert", "key"))
    if (cert is None) != (key is None):
        raise EndpointError(f"{folder}: a client certificate takes both cert.pem and key.pem")
    return TlsSettings(ca, cert, key, verify)


def environment_wants_tls(environ: Mapping[str, str]) -> bool:
    """Whether DOCKER_TLS or DOCKER_TLS_VERIFY is set, to any value."""
    return bool(environ.get("DOCKER_TLS") or environ.get("DOCKER_TLS_VERIFY"))


def tls_from_environment(environ: Mapping[str, str], config_folder: Path) -> TlsSettings:
    """TLS for DOCKER_TLS or DOCKER_TLS_VERIFY; the files are in DOCKER_CERT_PATH or else the config folder.

    Raises EndpointError.
    """
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    folder = Path(environ.get("DOCKER_CERT_PATH") or config_folder)
    tls = read_pem_folder(folder, verify)
    if verify and tls.ca is None:
        raise EndpointError(f"DOCKER_TLS_VERIFY asks for TLS, but there is no {folder / 'ca.pem'}")
    return tls


def _existing_file(path: Path) -> Path | None:
    try:
        return path if path.is_file() else None
    except OSError as error:
        raise EndpointError(f"{path} cannot be read: {error.strerror}") from error
