"""Addresses, certificates, and what it means if nobody answers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from autograder.cluster.connection import check_address, no_answer
from autograder.course.assignments import ROOT
from autograder.errors import UsageError


def make_certificate(folder: Path, name: str = "cluster.pem") -> Path:
    """Run the command of docs/scale.md."""
    page = (ROOT / "docs/scale.md").read_text(encoding="utf-8")
    [command] = re.findall(r"^openssl req .*", page, re.MULTILINE)
    subprocess.run(command.replace("cluster.pem", name), shell=True, cwd=folder, check=True, capture_output=True)
    return folder / name


@pytest.mark.parametrize(
    "address",
    ["http://host:8786", "host:8786", "tcp://host", "tcp://:8786", "tcp://host:x", "tcp://host:1/x", "", "tcp"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """With one that is."""
    with pytest.raises(UsageError, match=r"expected an address like tcp://host:8786 or tls://host:8786\. Received: "):
        check_address(address, None)


def test_scheme_and_certificate_go_together(tmp_path: Path) -> None:
    """Neither is silently left out."""
    assert check_address("tcp://[::1]:8786", None) == "tcp://[::1]:8786"
    with pytest.raises(UsageError, match=r"expected --tls FILE, the cluster's certificate, for tls://host:8786"):
        check_address("tls://host:8786", None)
    with pytest.raises(UsageError, match=r"expected tls://host:8786, because --tls was given"):
        check_address("tcp://host:8786", tmp_path)


def test_the_documented_command_makes_a_certificate(tmp_path: Path) -> None:
    """One file with certificate and key; another file is refused with the reason."""
    file = make_certificate(tmp_path)
    assert check_address("tls://host:8786", file) == "tls://host:8786"
    (tmp_path / "empty.pem").touch()
    with pytest.raises(UsageError, match="expected a file with a certificate and its key"):
        check_address("tls://host:8786", tmp_path / "empty.pem")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "the same --tls file"),
        ("Stream is closed: at the end", "a scheduler with TLS is tls://"),
        ("Connection refused", "Is it running"),
    ],
)
def test_the_likely_cause_is_named(said: str, why: str) -> None:
    """By what the connection said."""
    assert why in str(no_answer("tcp://host:8786", OSError(said)))
