"""What a project owes those who use it: licences, a notice for each file of others, one version, valid forms."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import __version__

ROOT = Path(__file__).resolve().parents[2]
VALIDATED = {
    "citation-file-format": ["CITATION.cff"],
    "github-issue-forms": [".github/ISSUE_TEMPLATE/*[!g].yml"],
    "github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
    "dependabot": [".github/dependabot.yml"],
}
"""What each schema that check-jsonschema ships is asked about."""


def not_text(folder: Path) -> Iterator[Path]:
    """Yield the files that no program or person of this project wrote as text."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts or ".ipynb_checkpoints" in path.parts:
            continue
        try:
            path.read_bytes()[:4096].decode()
        except UnicodeDecodeError as error:
            if error.end < 4096 - 4:
                yield path


def unnamed(folder: Path, notice: str) -> list[str]:
    """Return the files of others of which the notice names neither the file nor its folder of sample models."""
    missing = []
    for path in not_text(folder):
        place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        if path.suffix == ".keras":
            said = "/".join(place.parts[:3]) + "/"
        elif place.parts[0] in ("source", "assignments"):
            said = "/".join(place.parts[1:])
        else:
            said = path.name if place.parts[0] == "data" else "/".join(place.parts[:2]) + "/"
        if f"`{said}" not in notice:
            missing.append(str(place))
    return missing


@pytest.mark.parametrize("folder", ["source", "assignments", "data", "docs", "tests"])
def test_the_notice_names_every_photograph_data_file_and_model(folder: str) -> None:
    """Whatever is no text came from somewhere."""
    assert unnamed(ROOT / folder, (ROOT / "NOTICE.md").read_text(encoding="utf-8")) == []


def test_a_photograph_without_a_row_is_found() -> None:
    """The same question with an empty notice finds all five photographs."""
    names = ["01_imagen_digital/astronauta.jpg", "01_imagen_digital/cafe.jpg", "01_imagen_digital/gato.jpg"]
    names += ["02_convolucion/taza.png", "07_vgg16/gato.jpg"]
    assert unnamed(ROOT / "source", "") == [f"source/{name}" for name in names]


def test_the_version_stands_in_one_place() -> None:
    """In the package; pyproject.toml asks it, and the newest heading of the changelog is about it."""
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version"]' in pyproject
    assert 'version = { attr = "autograder.__version__" }' in pyproject
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == __version__
    assert "version:" not in (ROOT / "CITATION.cff").read_text(encoding="utf-8").replace("cff-version:", "")


@pytest.mark.parametrize("schema", VALIDATED)
def test_forms_follow_their_schema(schema: str) -> None:
    """As GitHub, Zenodo and the programs that read them ask for."""
    paths = [path for pattern in VALIDATED[schema] for path in sorted(ROOT.glob(pattern))]
    assert paths
    program = shutil.which("check-jsonschema", path=str(Path(sys.executable).parent))
    assert program is not None, "check-jsonschema is in requirements.txt"
    command = [program, "--builtin-schema", f"vendor.{schema}", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
