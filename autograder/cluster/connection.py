"""The way to a scheduler: its address, the certificate of the cluster, and what it means if nobody answers."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from autograder.errors import ClusterUnavailable, UsageError

__all__ = ["check_address", "configure", "no_answer", "security"]

_SCHEMES = ("tcp", "tls")
_START = "python -m dask scheduler --host 0.0.0.0 --port 8786 --no-dashboard"


def check_address(address: str, tls: Path | None) -> str:
    """Return the address of a scheduler.

    Parameters
    ----------
    address : str
        ``tcp://host:8786`` or, with a certificate, ``tls://host:8786``.
    tls : path or None
        A file with the certificate and the key of the cluster.

    Raises
    ------
    UsageError
        It is none, or the certificate does not fit it.
    """
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in _SCHEMES or not parts.hostname or port is None or parts.path or parts.query:
        raise UsageError(f"expected an address like tcp://host:8786 or tls://host:8786. Received: {address}")
    if parts.scheme == "tls" and tls is None:
        raise UsageError(f"expected --tls FILE, the cluster's certificate, for {address}. Received: none.")
    if parts.scheme == "tcp" and tls is not None:
        raise UsageError(f"expected tls://{parts.netloc}, because --tls was given. Received: {address}")
    if tls is not None:
        _require_certificate(tls)
    return address


def _require_certificate(tls: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(tls)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"expected a file with a certificate and its key (docs/scale.md says how). Received: {tls} ({error})."
        ) from error


def security(tls: Path | None) -> Any:
    """Return dask's description of the certificate: one file for all, which each end shows and asks for."""
    from distributed import Security

    if tls is None:
        return Security(require_encryption=False)
    keys = {f"tls_{role}_{kind}": str(tls) for role in ("client", "scheduler", "worker") for kind in ("cert", "key")}
    return Security(require_encryption=True, tls_ca_file=str(tls), **keys)


def configure() -> None:
    """Let dask do its work in silence, never restart anything by itself, and look at no memory but ours."""
    import dask
    import distributed  # noqa: F401  (it reads its own defaults first)

    dask.config.set(
        {
            "distributed.admin.large-graph-warning-threshold": "1 GB",
            "distributed.worker.profile.enabled": False,
            "distributed.worker.use-file-locking": False,
            "distributed.diagnostics.nvml": False,
        }
    )
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def no_answer(address: str, error: BaseException) -> ClusterUnavailable:
    """Return the error of a scheduler that cannot be reached, with the likely cause."""
    said = str(error).strip() or type(error).__name__
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    deep = f"{said} {cause}"
    if any(word in deep for word in ("SSL", "CERTIFICATE", "certificate", "TLS", "tls")) or isinstance(
        cause, ssl.SSLError
    ):
        why = "It does not have the same certificate: give scheduler, workers and `grade` the same --tls file."
    elif "end" in deep.lower() and "stream" in deep.lower():
        why = "Somebody hung up: a scheduler with TLS is tls://, one without is tcp://; both need the same dask."
    else:
        why = f"Is it running ({_START}), and does a firewall let this machine through?"
    return ClusterUnavailable(f"expected a scheduler at {address}. Received: {said[:300]}. {why}")
