"""Grade a class of 02 once, change one check, and measure how long `regrade` takes for it, and whether it is right.

Every submission is another one, so each has a record of its own. The changed check counts more than before,
so it is made again from recorded answers; a fresh run of some of the class, with workers and without records, says what
the points should be.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from autograder.course.assignments import ROOT
from autograder.course.notebooks import read_notebook, write_notebook
from autograder.course.sample import build_class
from benchmarks.measuring import Spent, measured

__all__ = ["hand_in", "main"]

ASSIGNMENT = "02_convolucion"
_VARIANTS = ("mistakes", "perfect_loops", "perfect_vectorised", "square_only")
_CHECK = "tests/checks/02_convolucion/test_pad2d.py"
_BEFORE = 'weight=2)\n@pytest.mark.needs("test_pad2d_slide_example")\ndef test_pad2d_any_size'
_AFTER = 'weight=3)\n@pytest.mark.needs("test_pad2d_slide_example")\ndef test_pad2d_any_size'


def main() -> int:
    """Print the figures as JSON; fail where points differ from those of the fresh run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regrade", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="submissions")
    parser.add_argument("--fresh", type=int, default=20, metavar="N", help="so many are also graded anew")
    parser.add_argument("--folder", type=Path, help="kept; the same command goes on there. Default: a temporary one")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="cnnregrade"))
    try:
        return _measure(folder, options.count, options.fresh)
    finally:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def hand_in(place: Path, count: int) -> None:
    """Hand in ``count`` different notebooks, in four styles."""
    build_class(ROOT / "tests/submissions", place.parent / "styles", only=[ASSIGNMENT])
    styles = [read_notebook(place.parent / f"styles/{name}/{ASSIGNMENT}/{ASSIGNMENT}.ipynb") for name in _VARIANTS]
    for number in range(count):
        target = place / f"student{number:05}" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        if not target.is_file():
            notebook = styles[number % len(styles)]
            notebook.cells[0].source = f"# Student {number}\n\nnumber = {number}"
            notebook.cells[-1].source += f"\n# {number}"
            write_notebook(notebook, target)


def _measure(folder: Path, count: int, fresh: int) -> int:
    repository, submitted = folder / "repository", folder / f"submitted-{count}"
    if not repository.is_dir():
        for name in ("autograder", f"source/{ASSIGNMENT}", f"tests/checks/{ASSIGNMENT}"):
            shutil.copytree(ROOT / name, repository / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "requirements.txt", repository / "requirements.txt")
        (repository / "data").symlink_to(ROOT / "data")
    hand_in(submitted, count)
    some = folder / f"submitted-{fresh}-of-{count}"
    for student in sorted(submitted.iterdir())[:fresh]:
        shutil.copytree(student, some / student.name, dirs_exist_ok=True)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}

    def autograder(*words: str) -> Spent:
        return measured([sys.executable, "-m", "autograder", *words], repository, environment)

    graded = autograder("grade", str(submitted), "--json", str(folder / "before.json"))
    check = repository / _CHECK
    text = check.read_text(encoding="utf-8")
    if _AFTER not in text:
        if _BEFORE not in text:
            raise SystemExit(f"expected {_BEFORE!r} in {_CHECK}. Received: another text.")
        check.write_text(text.replace(_BEFORE, _AFTER), encoding="utf-8")
    regraded = autograder("regrade", str(submitted), "--json", str(folder / "changes.json"))
    changes = json.loads((folder / "changes.json").read_text(encoding="utf-8"))
    autograder("grade", str(some), "--fresh", "--no-records", "--json", str(folder / "anew.json"))
    before, after = _points(folder / "before.json"), _points(folder / "anew.json")
    changed = {change["submission"]: change["to"] for change in changes["changes"]}
    wrong = [name for name, points in after.items() if changed.get(name, before[name]) != points]
    figures = {
        "submissions": count,
        "load": os.getloadavg()[0],
        "grade": {"wall": round(graded.wall, 1), "cpu": round(graded.cpu, 1)},
        "regrade": {"wall": round(regraded.wall, 1), "cpu": round(regraded.cpu, 1)},
        "from_records": changes["from_records"],
        "from_workers": changes["from_workers"],
        "changes": len(changed),
        "compared_with_a_fresh_run": len(after),
        "different": wrong,
    }
    print(json.dumps(figures, indent=1))
    return int(bool(wrong))


def _points(path: Path) -> dict[str, float]:
    return {report["submission"]: report["score"] for report in json.loads(path.read_text(encoding="utf-8"))}


if __name__ == "__main__":
    sys.exit(main())
