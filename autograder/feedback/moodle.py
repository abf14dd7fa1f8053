"""Packs feedback pages as Moodle takes them back: *Upload multiple feedback files in a zip*.

Moodle gives a file ``Name_12345_assignfeedback_file_page.html`` to the participant of that number. The name before the
first underscore is for people only; so none is in it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["find_pages", "write_moodle_zip"]

# The same pages make the same archive.
_DATE = (2000, 1, 1, 0, 0, 0)


def find_pages(folder: Path) -> dict[str, dict[str, Path]]:
    """Return the pages in ``<folder>/<student>/<assignment>/<assignment>.html``, by assignment and student."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.glob("*/*/*.html")):
        if path.stem == path.parent.name and path.is_file() and not path.is_symlink():
            found.setdefault(path.stem, {})[path.parent.parent.name] = path
    return found


def write_moodle_zip(pages: Mapping[str, Path], participants: Mapping[str, Iterable[str]], path: Path) -> list[str]:
    """Write the archive of one assignment.

    Parameters
    ----------
    pages : mapping of str to Path
        By the student's id.
    participants : mapping of str to iterable of str
        The numbers that get a student's page: the participant's own. Moodle gives them anew in each assignment.
    path : Path
        The archive; an earlier one is replaced. Where no page is anybody's, none is written.

    Returns
    -------
    list of str
        The students whose numbers are not known.
    """
    missing = [student for student in sorted(pages) if not participants.get(student)]
    files = {
        f"{_harmless(student)}_{number}_assignfeedback_file_{page.name}": page
        for student, page in sorted(pages.items())
        for number in participants.get(student, ())
    }
    if not files:
        return missing
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, page in files.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), page.read_bytes(), zipfile.ZIP_DEFLATED)
    part.replace(path)
    return missing


def _harmless(student: str) -> str:
    """Return a student's id as a file's beginning: no underscore, and nothing by which Moodle takes it for hidden."""
    return re.sub(r"[^\w.@ -]|_", "-", student).lstrip(".~") or "x"
