"""Reads a student's notebook, whatever state it is in.

Anything may be wrong with it: it may be no JSON, a notebook of 2013, a gigabyte, a named pipe, a notebook for R. What
can be read is reduced to cells; what cannot raises `IntakeError` with words for the student.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.notebooks import cell_about, is_grade_cell
from autograder.errors import IntakeError
from autograder.intake.opening import NotHandedIn, open_handed_in
from autograder.worker.text import clean_text

__all__ = ["Cell", "read_submission"]

MAX_NOTEBOOK = 64 << 20
MAX_CELLS = 5_000
MAX_SOURCE = 4 << 20
MAX_PARTS = 2_000_000
"""Lists, dictionaries and their items in the file: each may take thirty times the bytes that it has there."""

_MAX_OUTPUTS = 200
_SHOWN = ("image/png", "image/jpeg", "image/gif", "text/html", "text/plain", "text/markdown", "text/latex")

_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)

_UNREADABLE = "No pude leer el cuaderno: {reason} Ábrelo en Jupyter, guárdalo de nuevo y vuelve a entregarlo."
_TOO_LARGE = (
    "El cuaderno es demasiado grande: {reason} Borra las salidas (Kernel → Restart & Clear Output) y entrégalo."
)
_WRONG_KERNEL = (
    "El cuaderno está hecho para el lenguaje «{language}» y el curso usa Python 3. "
    "Elige el kernel «Python 3» en el menú Kernel → Change kernel, ejecútalo y entrégalo de nuevo."
)


@dataclass(frozen=True)
class Cell:
    """One cell of a student's notebook.

    Parameters
    ----------
    key : str
        Its ``grade_id``, or its cell id where nbgrader's metadata are gone, or empty.
    source : str
        Its text.
    tags : frozenset of str
        Its tags.
    index : int
        Its place among all cells of the notebook.
    kind : str
        ``code``, ``markdown`` or ``raw``: what the student made of it.
    is_grade : bool
        Whether it says that it is a grade cell.
    """

    key: str
    source: str
    tags: frozenset[str]
    index: int
    kind: str = "code"
    is_grade: bool = False


def read_submission(path: Path, *, outputs: bool = False) -> tuple[list[Cell], Any]:
    """Read a notebook.

    Parameters
    ----------
    path : Path
        The file; links are not followed.
    outputs : bool
        Whether to keep what its cells showed, for showing it again; what grades needs none of it.

    Returns
    -------
    list of Cell
        Its cells.
    NotebookNode
        The whole notebook in nbformat 4, for showing it again.

    Raises
    ------
    IntakeError
        Of kind ``unreadable``, ``too-large`` or ``wrong-kernel``.
    """
    notebook = _parse(_read_bytes(path), outputs)
    _require_python(notebook)
    cells = []
    for index, cell in enumerate(notebook.cells):
        grade_id = cell_about(cell).get("grade_id")
        key = clean_text(grade_id) if isinstance(grade_id, str) else cell.get("id", "")
        tags = cell.metadata.get("tags")
        tags = frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()
        key = key if isinstance(key, str) else ""
        cells.append(Cell(key, cell.source, tags, index, cell.cell_type, is_grade_cell(cell)))
    return cells, notebook


def _read_bytes(path: Path) -> bytes:
    try:
        with open_handed_in(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MAX_NOTEBOOK:
                reason = f"ocupa {size >> 20} MB y el límite es {MAX_NOTEBOOK >> 20} MB."
                raise IntakeError("too-large", _TOO_LARGE.format(reason=reason))
            return file.read(MAX_NOTEBOOK + 1)
    except NotHandedIn as error:
        raise IntakeError("unreadable", _UNREADABLE.format(reason=str(error))) from error
    except OSError as error:
        raise IntakeError("unreadable", _UNREADABLE.format(reason=f"{error.strerror}.")) from error


def _parse(content: bytes, outputs: bool) -> Any:
    if not content.strip():
        raise IntakeError("unreadable", _UNREADABLE.format(reason="el archivo está vacío."))
    content = _in_utf8(content)
    if _parts(content) > MAX_PARTS:
        raise IntakeError("too-large", _TOO_LARGE.format(reason=f"tiene más de {MAX_PARTS:,} partes."))
    try:
        data = json.loads(content)
    except UnicodeDecodeError as error:
        raise IntakeError("unreadable", _UNREADABLE.format(reason="no es texto UTF-8.")) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise IntakeError("unreadable", _UNREADABLE.format(reason="no es JSON válido.")) from error
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise IntakeError("unreadable", _UNREADABLE.format(reason="el archivo no es un cuaderno de Jupyter."))
    if data["nbformat"] not in (1, 2, 3, 4):
        reason = f"usa el formato {data['nbformat']}, que no existe para este corrector (conoce del 1 al 4)."
        raise IntakeError("unreadable", _UNREADABLE.format(reason=reason[:200]))
    try:
        if data["nbformat"] < 4:
            import nbformat

            data = nbformat.convert(nbformat.from_dict(data), 4)
        return _normalise(data, outputs)
    except IntakeError:
        raise
    except Exception as error:
        raise IntakeError("unreadable", _UNREADABLE.format(reason="su estructura está dañada.")) from error


def _in_utf8(content: bytes) -> bytes:
    """Return a JSON text in UTF-8, halves of surrogate pairs included: Windows' PowerShell writes UTF-16."""
    encoding = json.detect_encoding(content)
    if encoding in ("utf-8", "utf-8-sig"):
        return content
    try:
        return content.decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise IntakeError("unreadable", _UNREADABLE.format(reason="no es texto UTF-8.")) from error


def _parts(content: bytes) -> int:
    """Return about how many values a JSON text has; what stands in its strings does not count."""
    count = sum(map(content.count, (b"[", b"{", b",")))
    if count <= MAX_PARTS:
        return count
    bare = _TEXTS.sub(b"", content)
    return sum(map(bare.count, (b"[", b"{", b",")))


def _normalise(data: dict[str, Any], outputs: bool) -> Any:
    """Build a clean notebook of nbformat 4.5 from whatever parts of ``data`` make sense."""
    cells = data.get("cells")
    if not isinstance(cells, list):
        raise IntakeError("unreadable", _UNREADABLE.format(reason="no tiene una lista de celdas."))
    if len(cells) > MAX_CELLS:
        raise IntakeError("too-large", _TOO_LARGE.format(reason=f"tiene {len(cells)} celdas."))
    clean = []
    size = 0
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            continue
        source = _text(cell.get("source"))
        size += len(source)
        metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
        fields: dict[str, Any] = {"cell_type": cell["cell_type"], "metadata": metadata, "source": source}
        if isinstance(cell.get("id"), str):
            fields["id"] = clean_text(cell["id"][:64])
        if cell["cell_type"] == "markdown" and (pictures := _attachments(cell.get("attachments"))):
            fields["attachments"] = pictures
        if cell["cell_type"] == "code":
            fields |= {"outputs": _outputs(cell.get("outputs")) if outputs else [], "execution_count": None}
        clean.append(fields)
    if size > MAX_SOURCE:
        raise IntakeError("too-large", _TOO_LARGE.format(reason=f"su código ocupa {size >> 20} MB."))
    metadata = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
    import nbformat

    return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": clean})


def _attachments(found: Any) -> dict[str, dict[str, str]]:
    """Return the pictures that were pasted into a cell."""
    return {
        name: {kind: data for kind, data in kinds.items() if isinstance(data, str) and kind.startswith("image/")}
        for name, kinds in (found.items() if isinstance(found, dict) else ())
        if isinstance(kinds, dict)
    }


def _outputs(found: Any) -> list[dict[str, Any]]:
    """Return what a cell showed when it was handed in, as texts: no deeper than notebooks are, and no other kinds."""
    kept: list[dict[str, Any]] = []
    for output in found[:_MAX_OUTPUTS] if isinstance(found, list) else ():
        kind = output.get("output_type") if isinstance(output, dict) else None
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            kept.append({"output_type": kind, "name": name, "text": _text(output.get("text"))})
        elif kind == "error":
            lines = output.get("traceback")
            traceback = [_text(line) for line in lines] if isinstance(lines, list) else []
            told = {name: _text(output.get(name)) for name in ("ename", "evalue")}
            kept.append({"output_type": kind, **told, "traceback": traceback})
        elif kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
            data = {name: _text(value) for name, value in output["data"].items() if name in _SHOWN}
            count = {"execution_count": None} if kind == "execute_result" else {}
            kept.append({"output_type": kind, "data": data, "metadata": _alt(output.get("metadata")), **count})
    return kept


def _alt(metadata: Any) -> dict[str, dict[str, str]]:
    """Return the words for a picture that metadata of an output hold."""
    kinds = metadata.items() if isinstance(metadata, dict) else ()
    told = {kind: _text(about.get("alt")) for kind, about in kinds if kind in _SHOWN and isinstance(about, dict)}
    return {kind: {"alt": alt} for kind, alt in told.items() if alt}


def _text(source: Any) -> str:
    if isinstance(source, list):
        return clean_text("".join(part for part in source if isinstance(part, str)))
    return clean_text(source) if isinstance(source, str) else ""


def _require_python(notebook: Any) -> None:
    for section, key in (("kernelspec", "language"), ("language_info", "name")):
        about = notebook.metadata.get(section)
        language = about.get(key) if isinstance(about, dict) else None
        if isinstance(language, str) and language and language.lower() not in ("python", "python3", "ipython"):
            raise IntakeError("wrong-kernel", _WRONG_KERNEL.format(language=language[:40]))
