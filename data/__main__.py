"""The command line of the data sets: ``python -m data list``, ``fetch``, ``prepare``, ``sample`` and ``where``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from data.draw_samples import draw_samples
from data.errors import DataError
from data.fetch import fetch
from data.prepare import is_prepared, prepare
from data.registry import DATASETS, Dataset, find
from data.samples import has_sample


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 data missing or damaged, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m data", description="The data sets of the course.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="name every data set, its licence, and whether it is on this machine")
    get = verbs.add_parser("fetch", help="download data sets; a download that broke off goes on where it stopped")
    get.add_argument("names", metavar="NAME", nargs="*", help="names from `list`; default: all")
    make = verbs.add_parser("prepare", help="compute a data set that is derived from others, once per machine")
    make.add_argument("name", metavar="NAME", help="a name from `list`")
    verbs.add_parser("sample", help="draw the embedded samples (data/samples) anew from the data sets of this machine")
    where = verbs.add_parser("where", help="print the folder of a data set; fails if a file is missing")
    where.add_argument("name", metavar="NAME", help="a name from `list`")
    options = parser.parse_args(arguments)
    try:
        if options.verb == "list":
            for dataset in DATASETS.values():
                print(f"{dataset.name:13} {_presence(dataset):10} {dataset.licence:28} {dataset.title}")
        elif options.verb == "fetch":
            return _fetch(options.names or list(DATASETS))
        elif options.verb == "prepare":
            prepare(options.name, lambda text: print(text, flush=True))
        elif options.verb == "sample":
            draw_samples(lambda text: print(text, flush=True))
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
        return "sample" if has_sample(dataset.name) else "missing"
    if dataset.made_from:
        return "made" if is_prepared(dataset.name) else "to be made"
    return "official" if dataset.verify() else "unverified"


def _fetch(names: Sequence[str]) -> int:
    """Fetch data sets; what cannot be had is told, with what to do by hand, and the rest goes on."""
    missing = 0
    for name in names:
        try:
            print(f"{name}: {_fetch_with_bar(name)}", flush=True)
        except DataError as error:
            missing += 1
            print(f"{name}: {error}", file=sys.stderr, flush=True)
    if missing:
        print(f"{missing} of {len(names)} could not be had. The same command goes on from here.", file=sys.stderr)
    return 1 if missing else 0


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
