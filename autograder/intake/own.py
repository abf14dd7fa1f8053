"""Decides which notebook is the student's, for everything that grades: `own_notebook`.

What counts is the name, as `collect` has it, too: the assignment's own name first, then the names that browsers and
Jupyter give to copies of it, then any name that holds it, then whatever notebook there is. Another assignment's
notebook, checkpoints and what macOS leaves beside files never count. Of two that are equally good the one that answers
the assignment does, and if both do, neither, unless they are equal: the student is told.
"""

from __future__ import annotations

import filecmp
import os
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import IntakeError
from autograder.intake.notebook import MAX_NOTEBOOK, read_submission
from autograder.intake.opening import is_link

__all__ = [
    "MISSING",
    "LeftOut",
    "Own",
    "is_junk",
    "is_notebook",
    "like_a_notebook",
    "named_assignment",
    "own_notebook",
    "plain_stem",
    "walk",
]

# What browsers, Jupyter and platforms add to the name of a copy, behind or before it.
_COPY = re.compile(
    r"^(?:copia|copy)(?: (?:de|of))?[-_ ]+|(?:[-_ ]+(?:copia|copy)\d*|[-_ ]\d+|\s*\(\d+\)|\s*\((?:copia|copy)\))+$",
    re.I,
)
_JUNK = {".git", ".ipynb_checkpoints", "__macosx", "__pycache__", "lost+found"}
# ``02_convolucion.ipynb.txt``: what a browser or Windows makes of a download.
_ALMOST = re.compile(r"\.ipynb(?:\.(?:txt|json|html?|zip))+$|\.ipynb\s+$|\.ipnyb$|\.ipyn$", re.I)
_DEEPEST = 4
_MOST_FOLDERS = 2_000

_SEVERAL = "Encontré varios cuadernos que podrían ser tu entrega ({names}). Deja uno solo, llamado {name}.ipynb."
_OTHER = "Encontré `{found}`, que es de otro trabajo, y ningún cuaderno de este. Entrega {name}.ipynb."
_ALMOST_ONE = "Encontré `{found}`, que no es un cuaderno por su nombre. Nómbralo {name}.ipynb y vuelve a entregar."
MISSING = "No encontré ningún cuaderno (.ipynb) en la entrega. Súbelo y vuelve a entregar."
_LINKED = "La carpeta de tu entrega es un enlace a otro lugar. Entrega la carpeta misma."


@dataclass(frozen=True)
class LeftOut:
    """Something that looks like a hand-in and was not taken.

    Parameters
    ----------
    path : Path
    reason : str
        English, for the instructor: the end of a sentence.
    """

    path: Path
    reason: str


@dataclass(frozen=True)
class Own:
    """Which notebook is the student's.

    Parameters
    ----------
    notebook : Path or None
    reason : str
        Spanish, for the student: why there is none; empty if there is one.
    left_out : tuple of LeftOut
        Other notebooks that lie there, and files that only almost are one.
    """

    notebook: Path | None
    reason: str = ""
    left_out: tuple[LeftOut, ...] = ()


def own_notebook(
    folder: Path,
    assignment: str,
    *,
    others: Collection[str] = (),
    keys: Callable[[], Collection[str]] | None = None,
    among: Sequence[Path] | None = None,
) -> Own:
    """Return the notebook in a student's folder that answers an assignment.

    Parameters
    ----------
    folder : Path
        The student's own; what lies deeper counts only if there is nothing nearer.
    assignment : str
        Name of the assignment; empty where any will do.
    others : collection of str
        The names of all assignments of the course; a notebook that bears another's name is not taken.
    keys : callable, optional
        Returns the ``grade_id`` of the assignment's grade cells: what tells two equally good names apart.
    among : sequence of Path, optional
        Only these files of the folder.
    """
    if is_link(folder):
        return Own(None, _LINKED, (LeftOut(folder, "it is a link"),))
    paths = walk(folder) if among is None else list(among)
    notebooks = [path for path in paths if is_notebook(path)]
    names = [name for name in others if name != assignment]
    foreign = [path for path in notebooks if assignment and _is_foreign(path.stem, assignment, names)]
    name = assignment or next(iter(names), "02_convolucion")
    almost = [path for path in paths if like_a_notebook(path)]
    left = [LeftOut(path, f"its name is that of {named_assignment(path.stem, names)}") for path in foreign]
    left += [LeftOut(path, "its name does not end in .ipynb") for path in almost]
    fitting = [path for path in notebooks if path not in foreign]
    best = _best(fitting, folder, assignment)
    if len(best) > 1 and keys is not None:
        best = _answering(best, keys()) or best
    if len(best) > 1 and _are_equal(best):
        best = best[:1]
    if len(best) == 1:
        taken = best[0]
        left += [LeftOut(path, f"{taken.name} is the notebook") for path in fitting if path != taken]
        return Own(taken, left_out=tuple(left))
    if best:
        listed = ", ".join(path.relative_to(folder).as_posix() for path in best[:4])
        left += [LeftOut(path, "several notebooks could be the one that counts") for path in fitting]
        return Own(None, _SEVERAL.format(names=listed, name=name), tuple(left))
    if almost:
        return Own(None, _ALMOST_ONE.format(found=almost[0].name, name=name), tuple(left))
    if foreign:
        return Own(None, _OTHER.format(found=foreign[0].name, name=name), tuple(left))
    return Own(None, MISSING)


def named_assignment(stem: str, names: Collection[str]) -> str:
    """Return the assignment whose name a notebook's or folder's name is, is a copy of, or holds; else empty.

    Examples
    --------
    >>> named_assignment("Copia de 02_Convolucion (1)", ["01_imagen_digital", "02_convolucion"])
    '02_convolucion'
    """
    text = plain_stem(stem).casefold()
    exact = [name for name in names if name.casefold() == text]
    return max(exact or [name for name in names if name.casefold() in stem.casefold()], key=len, default="")


def plain_stem(stem: str) -> str:
    """Return a stem without what is added to the name of a copy."""
    return _COPY.sub("", _COPY.sub("", stem.strip())) or stem


def is_notebook(path: Path) -> bool:
    """Tell by its name whether something is a notebook: any case, not hidden, none of what macOS leaves."""
    return path.suffix.casefold() == ".ipynb" and not path.name.startswith(".")


def like_a_notebook(path: Path) -> bool:
    """Tell by its name whether something was probably meant to be a notebook: ``02_convolucion.ipynb.txt``."""
    return not path.name.startswith("._") and _ALMOST.search(path.name) is not None


def is_junk(name: str) -> bool:
    """Tell whether a folder is what tools leave behind: nobody hands it in on purpose."""
    return name.casefold() in _JUNK


def _is_foreign(stem: str, assignment: str, others: Collection[str]) -> bool:
    """Tell whether a notebook bears another assignment's name, and not this one's."""
    return assignment.casefold() not in stem.casefold() and named_assignment(stem, others) != ""


def walk(folder: Path) -> list[Path]:
    """Return the files below a folder that may be notebooks, nearest first; hidden folders and links are left alone."""
    found: list[Path] = []
    top = str(folder)
    for number, (root, folders, names) in enumerate(os.walk(top, followlinks=False)):
        if number > _MOST_FOLDERS:
            break
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not is_junk(name))
        if root[len(top) :].count(os.sep) >= _DEEPEST:
            folders.clear()
        # Paths take their time: most files are none of those, and every name that may be one holds this.
        paths = (Path(root, name) for name in names if ".ip" in name.casefold())
        found += [path for path in paths if is_notebook(path) or like_a_notebook(path)]
    return sorted(found, key=lambda path: (len(path.parts), path.as_posix()))


def _best(notebooks: Sequence[Path], folder: Path, assignment: str) -> list[Path]:
    """Return those with the best name that lie nearest; a link only if there is nothing else."""
    wanted = assignment.casefold()
    tests: tuple[Callable[[str], bool], ...] = (
        lambda stem: stem == assignment,
        lambda stem: stem.casefold() == wanted,
        lambda stem: plain_stem(stem).casefold() == wanted,
        lambda stem: wanted in stem.casefold(),
        lambda stem: True,
    )
    for real in (True, False):
        for test in tests:
            fitting = [path for path in notebooks if test(path.stem) and is_link(path) is not real]
            if fitting:
                depth = min(len(path.parts) for path in fitting)
                return [path for path in fitting if len(path.parts) == depth]
    return []


def _are_equal(notebooks: Sequence[Path]) -> bool:
    """Tell whether files hold the same: then it does not matter which of them counts."""
    if not all(path.is_file() and not is_link(path) for path in notebooks):
        return False
    sizes = {path.stat().st_size for path in notebooks}
    if len(sizes) > 1 or max(sizes) > MAX_NOTEBOOK:
        return False
    return all(filecmp.cmp(notebooks[0], path, shallow=False) for path in notebooks[1:])


def _answering(notebooks: Sequence[Path], keys: Collection[str]) -> list[Path]:
    """Return the notebooks that hold most of these grade cells, if they hold any."""
    shares = {}
    for path in notebooks[:20]:
        try:
            found = {cell.key for cell in read_submission(path)[0]}
        except IntakeError:
            continue
        shares[path] = len(found & set(keys))
    most = max(shares.values(), default=0)
    return [path for path, share in shares.items() if share == most and most]
