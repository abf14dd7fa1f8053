"""Take the pictures of the documentation: pages of a class, of feedback, of similar work; in Chromium, as small PNGs.

``python tools/take_pictures.py``, after ``make demo``, whose reports and submissions it shows.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "reports/demo"
PICTURES = ROOT / "docs/pictures"
FIRST = '<section class="cell-markdown"><h3>Ejercicio 1'
STUDENT, ASSIGNMENT = "mistakes", "01_imagen_digital"


def main() -> int:
    """Write the pictures, and say how large they are."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None or not (DEMO / "html/index.html").is_file():
        print("expected Chromium (apt-get install chromium) and the reports of `make demo`.", file=sys.stderr)
        return 2
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        shutil.copytree(DEMO / f"submitted/{STUDENT}/{ASSIGNMENT}", place / f"submitted/ana/{ASSIGNMENT}")
        command = [
            sys.executable,
            "-m",
            "autograder",
            "feedback",
            str(place / "submitted"),
            "--output",
            str(place / "f"),
        ]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        [page] = (place / "f").rglob(f"*{ASSIGNMENT}*.html")
        # What lies between the points and the first exercise is left out.
        before, end, after = page.read_text(encoding="utf-8").partition("</section>")
        page.write_text(before + end + FIRST + after.partition(FIRST)[2], encoding="utf-8")
        take(browser, DEMO / "html/02-convolucion.html", PICTURES / "class.png", (1000, 720))
        take(browser, page, PICTURES / "feedback.png", (1000, 1290), skip=560)
        take(browser, similar_page(place), PICTURES / "similar.png", (1000, 1000))
    return 0


def similar_page(place: Path) -> Path:
    """Return the page of a class of 60 in which two answers were handed in twice, the second time in disguise."""
    sys.path.insert(0, str(ROOT))
    from autograder.course.notebooks import write_notebook
    from autograder.course.sample import build_notebook
    from benchmarks.similar_answers import disguise, honest_answer

    name = "02_convolucion"
    works = {f"student-{number:02}": honest_answer(number) for number in range(56)}
    for student, seed, copy, kind in (("ana", 139, "beto", "renamed, reordered"), ("carla", 113, "dario", "dead code")):
        works[student] = honest_answer(seed)
        works[copy] = {cell: disguise(text, kind, 1) for cell, text in works[student].items()}
    for student, cells in works.items():
        (place / f"class/{student}/{name}").mkdir(parents=True)
        text = '"""A class."""\n' + "".join(f"# %% {cell}\n{source}\n" for cell, source in cells.items())
        write_notebook(build_notebook(name, text), place / f"class/{student}/{name}/{name}.ipynb")
    command = [
        sys.executable,
        "-m",
        "autograder",
        "similar",
        str(place / "class"),
        "--html",
        str(place / "similar"),
        "--lang",
        "en",
    ]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return place / "similar/index.html"


def take(browser: str, page: Path, picture: Path, size: tuple[int, int], skip: int = 0) -> None:
    """Take a picture of the top of a page, or of what comes below its first ``skip`` rows, with at most 64 colours."""
    width, height = size
    with tempfile.TemporaryDirectory() as home:
        raw = Path(home, "raw.png")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={home}"]
        command = [browser, *options, f"--window-size={width},{height}", f"--screenshot={raw}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        image = Image.open(raw).convert("RGB")
    image = image.crop((0, skip, width, height))
    image.quantize(64, dither=Image.Dither.NONE).save(picture, optimize=True)
    print(f"wrote {picture.relative_to(ROOT)}: {picture.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
