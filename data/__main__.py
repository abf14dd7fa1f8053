"""The command line of the data sets: ``python -m data list``, ``fetch NAME``, ``prepare NAME`` and ``where NAME``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from data.errors import DataError
from data.fetch import fetch
from data.prepare import is_prepared, prepare
from data.registry import DATASETS, Dataset, find


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 data missing or damaged, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m data", description="The data sets of the course.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="name every data set, its licence, and whether it is on this machine")
    get = verbs.add_parser("fetch", help="download data sets; a download that broke off goes on where it stopped")
    get.add_argument("names", metavar="NAME", nargs="+", help="names from `list`")
    make = verbs.add_parser("prepare", help="compute a data set that is derived from others, once per machine")
    make.add_argument("name", metavar="NAME", help="a name from `list`")
    where = verbs.add_parser("where", help="print the folder of a data set; fails if a file is missing")
    where.add_argument("name", metavar="NAME", help="a name from `list`")
    options = parser.parse_args(arguments)
    try:
        if options.verb == "list":
            for dataset in DATASETS.values():
                print(f"{dataset.name:13} {_presence(dataset):10} {dataset.licence:28} {dataset.title}")
        elif options.verb == "fetch":
            for name in options.names:
                print(f"{name}: {_fetch_with_bar(name)}")
        elif options.verb == "prepare":
            prepare(options.name, lambda text: print(text, flush=True))
        else:
            dataset = find(options.name)
            for file in dataset.files:
                dataset.path(file)
            print(dataset.folder)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. What has arrived is kept: the same command goes on from there.", file=sys.stderr)
        return 1
    return 0


def _presence(dataset: Dataset) -> str:
    if dataset.embedded:
        return "embedded"
    if not dataset.is_here:
        return "missing"
    if dataset.made_from:
        return "made" if is_prepared(dataset.name) else "to be made"
    return "official" if dataset.verify() else "unverified"


def _fetch_with_bar(name: str) -> Path:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(name, total=None)
        return fetch(name, lambda done, total: progress.update(bar, completed=done, total=total or None))


if __name__ == "__main__":
    sys.exit(main())
