"""``python -m tests.redteam.guided KIND``: mutants that are led by what code they reach, with atheris.

The seeded mutants of `tests.redteam.fuzzing` are the same everywhere and need nothing; this finds what those miss, as
long as somebody lets it run. atheris is none of the course's libraries: ``pip install atheris`` (Linux, Python 3.11 or
newer). What follows KIND goes to libFuzzer, ``-max_total_time=60`` for example; it leaves what it found here.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import tempfile
from pathlib import Path

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Run until something breaks or the time is up."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print("expected atheris. Received: none. Run: python -m pip install atheris", file=sys.stderr)
        return 2
    with atheris.instrument_imports(include=["autograder"]):
        from autograder.errors import AutograderError
        from tests.redteam.readers import KINDS, reader_of, seeds_of
    if not arguments or arguments[0] not in KINDS:
        print(f"expected one of {', '.join(KINDS)}. Received: {arguments[:1]}", file=sys.stderr)
        return 2
    kind = arguments[0]
    with tempfile.TemporaryDirectory(prefix="guided-") as place:
        corpus = Path(place, "corpus")
        corpus.mkdir()
        for number, seed in enumerate(seeds_of(kind)):
            (corpus / str(number)).write_bytes(seed)
        read = reader_of(kind, Path(place))

        def attempt(content: bytes) -> None:
            with contextlib.suppress(AutograderError):
                read(content)

        atheris.Setup([sys.argv[0], str(corpus), *arguments[1:]], attempt)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
