"""The networks of a class: their files are read in the sandbox, as data, and compared, in disguise or not."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.course.assignments import Assignment
from autograder.errors import AutograderError
from autograder.grading.equal_models import Trained, alike_models, seeds_in
from autograder.intake.files import files_in
from autograder.judging.fingerprint import network
from autograder.sandbox.box import Sandbox
from autograder.sandbox.launch import pack
from autograder.sandbox.remote import RemoteStudent
from autograder.settings import SandboxKind, Settings
from autograder.similarity.dismissed import Dismissal, reason
from autograder.similarity.pairs import NEAREST, Pair
from autograder.similarity.works import Work
from autograder.worker.model_file import unique_names
from autograder.worker.wire import ModelParts
from data.vgg16 import KERNEL_SHAPES

__all__ = ["chain", "compare_models", "read_models"]

MODELS = 8
"""Model files of one submission that are compared."""
BYTES = 64 << 20
"""Of the weights of one model; larger ones are not compared."""

_WHY = (
    "{a} and {b}: {where} hold one network, whatever was done to hide it: {how}. No two of the honest networks of "
    "docs/similarity.md were flagged. Ask both how it was trained."
)
_NEAR = "{a} and {b}: matched units of {where} have a cosine of {score:.2f}, which is no evidence."


def read_models(
    works: Sequence[Work], assignments: Mapping[str, Assignment], sandbox: SandboxKind = "bwrap"
) -> tuple[dict[str, list[Trained]], list[str]]:
    """Read the models that were handed in, each submission's in a worker of its own.

    Returns
    -------
    dict of str to list of Trained
        By assignment. Networks without a hidden layer are left out: trained apart, they end alike.
    list of str
        What could not be read, and why.

    Raises
    ------
    SandboxUnavailable
        This machine cannot lock hostile files up.
    """
    found: dict[str, list[Trained]] = {}
    problems: list[str] = []
    todo = [(work, _files(work)) for work in works if assignments[work.assignment].needs_tensorflow]
    todo = [(work, files) for work, files in todo if files]
    if not todo:
        return found, problems
    settings = Settings(sandbox=sandbox)
    with Sandbox(tensorflow=False, kind=sandbox) as box:
        box.wait_until_ready()
        for work, files in todo:
            seeds = frozenset(seeds_in(work.cells.values()))
            with contextlib.closing(pack(files)) as archive:
                student = RemoteStudent(box.address, archive, [], settings, settings.limits(False), models=False)
                with contextlib.closing(student):
                    for name, _ in files:
                        try:
                            layers = network(chain(student.model_parts(name, BYTES), KERNEL_SHAPES))
                        except (AutograderError, LookupError, TypeError, ValueError, AttributeError) as error:
                            problems.append(f"{work.name}: {name}: {error}")
                            continue
                        if layers and not layers[0].output:
                            found.setdefault(work.assignment, []).append(Trained(work.name, name, layers, seeds))
    return found, problems


def compare_models(assignment: str, models: Sequence[Trained], dismissals: Sequence[Dismissal] = ()) -> list[Pair]:
    """Return the pairs of models that have a common origin, and the nearest others."""
    pairs = []
    for one, two, likeness, how in alike_models(models, keep=NEAREST):
        first, second = sorted((models[one], models[two]), key=lambda model: model.submission)
        names, where = (first.submission, second.submission), tuple(dict.fromkeys((first.model, second.model)))
        told = reason(list(dismissals), names, assignment) if how else ""
        text = (_WHY if how else _NEAR).format(
            a=names[0], b=names[1], where=" and ".join(where), how=how, score=likeness.score
        )
        flagged, score = bool(how) and not told, min(1.0, likeness.score)
        pairs.append(Pair("model", assignment, names, flagged, score, where, text, told))
    return pairs


def chain(
    parts: ModelParts, without: Collection[str] = ()
) -> Iterator[tuple[str, Mapping[str, Any], Sequence[np.ndarray]]]:
    """Yield ``(class name, configuration, arrays)`` for each layer of a model, nested models laid open.

    Layers with a name in ``without`` are left out: everybody's come from one pretrained network.
    """
    weights = parts.weights or {}
    for path, name, inner in _layers(json.loads(parts.config), "", 0):
        if path.rpartition("/")[2] not in without:
            yield name, inner, list(weights.get(path, ()))


def _layers(config: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if depth > 5:
        raise ValueError("models within models within models")
    entries = config["config"]["layers"]
    names = [entry["config"].get("name", entry.get("name")) for entry in entries]
    for entry, name in zip(entries, unique_names(names)):
        if "layers" in entry["config"]:
            yield from _layers(entry, f"{prefix}{name}/", depth + 1)
        else:
            yield f"{prefix}{name}", entry["class_name"], entry["config"]


def _files(work: Work) -> list[tuple[str, Any]]:
    """Return a submission's own model files; links are not followed."""
    if work.submission.folder is None:
        return []
    listed, _ = files_in(work.submission.folder)
    return [(name, path) for name, path in listed if name.endswith(".keras")][:MODELS]
