"""Calibrate the flag for memorised test sets: honest and dishonest models, trained, measured, and counted.

    python -m benchmarks.flags FOLDER      # trains what FOLDER lacks, measures what the table lacks
    python -m benchmarks.flags             # counts what the kept table holds

Training takes some 30 minutes of one core and may be interrupted: models stay in FOLDER, figures in
``benchmarks/flags.csv``, one line a model. What counts as an alarm is decided anew from the figures, with today's
bounds, so that others can be tried without training again. ``docs/accuracy.md`` shows the counts; a test holds them
against the table.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy import stats

from autograder.judging.memorised import Figures, Losses, suspicion
from data.registry import find

__all__ = ["CEILINGS", "TABLE", "counts", "false_alarm_chances", "figures", "main", "read_table", "reason"]

TABLE = Path(__file__).with_name("flags.csv")
CEILINGS = {
    ("mnist", "softmax"): 0.94,
    ("mnist", "mlp"): 0.994,
    ("mnist", "cnn"): 0.998,
    ("cifar10", "cnn"): 0.97,
    ("fingers", "cnn"): 1.0,
}
"""As the checks of the assignments have them."""

_NUMBERS = ("test", "sample", "varied_test", "train", "varied_train", "tests", "samples", "varied")
_LOSSES = ("loss_test", "loss_slight", "loss_train")
_COLUMNS = ("name", "dataset", "kind", "cheat", "part", *_NUMBERS, *_LOSSES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and measure what is missing, and print the counts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flags", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="where the models are kept; without it nothing is trained")
    parser.add_argument("--only", default="", help="only models whose names begin like this")
    parser.add_argument("--no-training", action="store_true", help="measure only what was trained before")
    options = parser.parse_args(arguments)
    if options.folder is not None:
        options.folder.mkdir(parents=True, exist_ok=True)
        _complete(options.folder, options.only, train_too=not options.no_training)
    sys.stdout.write(counts(read_table()) + "\n")
    return 0


def false_alarm_chances(rows: Sequence[Mapping[str, str]], kind: str) -> tuple[float, float]:
    """Estimate how often the losses of one more honest network of MNIST lie above today's bounds.

    Parameters
    ----------
    rows : sequence of mapping
        The table.
    kind : str
        ``"softmax"``, ``"mlp"`` or ``"cnn"``.

    Returns
    -------
    (float, float)
        For `Bounds.paired` from the predictive distribution of a normal sample (Student's t); for `Bounds.both`, whose
        lower tail is long, from exponential excesses over the median.
    """
    bounds = find("mnist").bounds[kind]
    assert bounds.paired is not None
    honest = [row for row in rows if (row["dataset"], row["kind"], row["cheat"]) == ("mnist", kind, "")]
    known = np.array([[float(row[name]) for name in _LOSSES] for row in honest])
    paired = np.log(known[:, 1] / known[:, 0])
    both = np.sort(paired + np.log(known[:, 2] / known[:, 0]))
    spread = paired.std(ddof=1) * np.sqrt(1 + 1 / len(paired))
    above = stats.t.sf((np.log(bounds.paired) - paired.mean()) / spread, len(paired) - 1)
    half = len(both) // 2
    least, upper = both[-half - 1], both[-half:]
    beyond = half / len(both) * np.exp(-(np.log(bounds.both) - least) / (upper - least).mean())
    return float(above), float(beyond)


def read_table(path: Path = TABLE) -> list[dict[str, str]]:
    """Return the kept figures, a mapping for each model."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figures(row: Mapping[str, str]) -> Figures:
    """Return what a line of the table says."""
    numbers = [float(row[key]) for key in _NUMBERS[:5]] + [int(row[key]) for key in _NUMBERS[5:]]
    return Figures(*numbers, losses=Losses(*(float(row[key]) for key in _LOSSES)))  # type: ignore[arg-type]


def reason(row: Mapping[str, str]) -> str:
    """Return why a model is flagged; empty if it is not."""
    key = row["dataset"], row["kind"]
    return suspicion(figures(row), CEILINGS[key], find(key[0]).bounds.get(key[1]))


def counts(rows: Iterable[Mapping[str, str]]) -> str:
    """Return the alarms in Markdown: by data set and kind of network, and by what was done with the test images."""
    groups: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        flagged = bool(reason(row))
        honest = "honest" if not row["cheat"] else "dishonest"
        groups[honest, "all"].append(flagged)
        groups[honest, f"`{row['dataset']}` {row['kind']}"].append(flagged)
        if row["cheat"]:
            share = f" ({float(row['part']):.0%} of it)" if float(row["part"]) < 1 else ""
            groups["dishonest, how", f"{row['cheat']}{share}"].append(flagged)
    lines = ["| models | | flagged | of | share | 95 % interval |", "|---|---|--:|--:|--:|--:|"]
    for (honest, group), flags in sorted(groups.items(), key=lambda item: (item[0][0] != "honest", item[0])):
        low, high = _interval(sum(flags), len(flags))
        lines.append(
            f"| {honest} | {group} | {sum(flags)} | {len(flags)} | {sum(flags) / len(flags):.0%} "
            f"| {low:.0%}–{high:.0%} |"
        )
    return "\n".join(lines)


def _interval(hits: int, count: int) -> tuple[float, float]:
    from scipy.stats import binomtest

    found = binomtest(hits, count).proportion_ci(0.95, method="exact")
    return float(found.low), float(found.high)


def _complete(folder: Path, only: str, *, train_too: bool) -> None:
    from benchmarks.flag_models import MODELS, train

    known = {row["name"] for row in read_table()} if TABLE.exists() else set()
    for recipe in MODELS:
        path = folder / f"{recipe.name}.keras"
        if recipe.name in known or not recipe.name.startswith(only) or not (train_too or path.exists()):
            continue
        found = _measure(train(recipe, folder), recipe.dataset)
        assert found.losses is not None
        values = [getattr(found, key) for key in _NUMBERS]
        values += [found.losses.test, found.losses.slight, found.losses.train]
        fresh = not TABLE.exists()
        with TABLE.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if fresh:
                writer.writerow(_COLUMNS)
            numbers = [f"{value:.5f}" if isinstance(value, float) else value for value in values]
            writer.writerow([recipe.name, recipe.dataset, recipe.kind, recipe.cheat, recipe.part, *numbers])


def _measure(path: Path, dataset: str) -> Figures:
    """Return what the grader measures of a saved model."""
    from dataclasses import replace

    from autograder.judging.accuracy import measure, recognised
    from autograder.judging.pixels import UNIT
    from autograder.judging.resizing import mean_resizing
    from autograder.models.rebuild import rebuild
    from autograder.worker.model_file import read_model
    from autograder.worker.wire import ModelParts
    from data.benchmark import benchmark

    parts = read_model(path)
    assert isinstance(parts, ModelParts), parts
    model, images = rebuild(parts), benchmark(dataset)
    size = images.test[0].shape[1:3]
    pixels = UNIT if dataset != "fingers" else replace(UNIT, resizing=mean_resizing(size, (size[0] // 4, size[1] // 4)))
    return measure(model, pixels, images, 0, recognised(model, pixels, *images.test))


if __name__ == "__main__":
    sys.exit(main())
