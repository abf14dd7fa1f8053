"""The command line of the data sets: ``python -m data list`` and ``python -m data where NAME``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from data.errors import DataError
from data.registry import DATASETS, Dataset, find


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 data missing or damaged, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m data", description="The data sets of the course.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="name every data set, its licence, and whether it is on this machine")
    where = verbs.add_parser("where", help="print the folder of a data set; fails if a file is missing")
    where.add_argument("name", metavar="NAME", help="a name from `list`")
    options = parser.parse_args(arguments)
    if options.verb == "list":
        for dataset in DATASETS.values():
            print(f"{dataset.name:10} {_presence(dataset):9} {dataset.licence:14} {dataset.title}")
        return 0
    try:
        dataset = find(options.name)
        for file in dataset.files:
            dataset.path(file)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    print(dataset.folder)
    return 0


def _presence(dataset: Dataset) -> str:
    if dataset.embedded:
        return "embedded"
    return "here" if all((dataset.folder / file).is_file() for file in dataset.files) else "missing"


if __name__ == "__main__":
    sys.exit(main())
