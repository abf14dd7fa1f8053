"""The life of one auditing process: measures what was handed in, trains it again, says what it found, and is gone."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from autograder.audit.flags import told
from autograder.audit.seen import SeenModel, WatchedStudent, structure
from autograder.audit.steps import seeds_itself, steps_of, trains_anyway
from autograder.audit.verdict import Held, hold, origin
from autograder.checking.run import run_checks
from autograder.course.assignments import Assignment
from autograder.course.notebooks import grade_ids
from autograder.course.versions import course_notebooks
from autograder.errors import IntakeError, ModelRejected, StudentFault, WorkerFault
from autograder.grading import kept
from autograder.grading.child import begin_process, is_alone, limit_memory
from autograder.grading.fingerprint import fingerprint
from autograder.grading.submission import versions
from autograder.intake.files import MAX_BYTES, support_files
from autograder.intake.job import Job, prepare
from autograder.intake.opening import NotHandedIn, open_handed_in
from autograder.intake.restore import Step, restore
from autograder.intake.submissions import Submission
from autograder.judging.likeness import ALIKE
from autograder.report import Report
from autograder.sandbox.launch import pack
from autograder.settings import Settings

__all__ = ["audit_in_child", "model_files"]

_ENDINGS = (".keras", ".h5", ".hdf5")


def audit_in_child(
    pipe: Connection,
    submission: Submission,
    assignments: Mapping[str, Assignment],
    settings: Settings,
    addresses: Mapping[bool, str],
    environment: Mapping[str, str],
) -> None:
    """Audit one submission and send a report without points: its flags are what was found.

    Parameters
    ----------
    pipe, submission, assignments, settings, addresses, environment
        As for `grade_in_child`; ``settings.audit`` trainings have ``settings.train_budget`` seconds together.
    """
    begin_process(environment, settings)
    with contextlib.suppress(BrokenPipeError):
        try:
            job = prepare(submission, assignments)
            limit_memory(settings.grader_memory(job.assignment.needs_tensorflow))
            key = fingerprint(submission, job.assignment, settings)
            audit = _Audit(job, settings, addresses[job.assignment.needs_tensorflow], pipe)
            flags = audit.run()
            if is_alone(pipe):
                # The run was killed, and the sandbox with it: that nothing was trained says nothing of the notebook.
                return
            name = job.assignment.name
            report = Report(name, submission.name, 0.0, 0.0, flags=flags, versions=versions(True))
            if not audit.unfinished:
                kept.store(key, report)
            pipe.send(("report", report.as_dict(), key))
        except (IntakeError, WorkerFault) as error:
            pipe.send(("fault", str(error), ""))
        except Exception:
            pipe.send(("fault", traceback.format_exc()[-4000:], ""))


def model_files(submission: Submission, assignment: Assignment) -> list[tuple[str, Path]]:
    """Return the model files of a submission that its assignment names, with their paths beside the notebook."""
    if submission.folder is None:
        return []
    files = support_files(submission, assignment)[0]
    return [(name, path) for name, path in files if name in {f"models/{stem}.keras" for stem in assignment.names}]


class _Turn(NamedTuple):
    """What one run of the notebook left behind."""

    seen: Mapping[str, SeenModel]
    seconds: float
    timed_out: bool
    why_none: str


class _Audit:
    def __init__(self, job: Job, settings: Settings, address: str, pipe: Connection) -> None:
        self._job = job
        self._settings = settings.for_cells_of(job.assignment.cell_seconds)
        self._address = address
        self._pipe = pipe
        self._left = settings.train_budget
        self._steps = restore(job.cells, course_notebooks(job.assignment)[1])
        self._files = support_files(job.submission, job.assignment)[0]
        self._paths = [name for name, _ in model_files(job.submission, job.assignment)]
        self._built: dict[str, tuple[str, ...]] = {}
        self.unfinished = False

    def run(self) -> list[dict[str, Any]]:
        """Return the flags."""
        handed = self._run(self._steps, self._files, 0.0, handed_in=True).seen
        turns: list[_Turn] = []
        for turn in range(self._settings.audit):
            if turns and self._left < 1.25 * max(one.seconds for one in turns):
                break
            turns.append(self._train(turn))
            if turns[-1].timed_out or not turns[-1].seen:
                break
        self.unfinished = any(turn.timed_out for turn in turns)
        whole = [turn for turn in turns if not turn.timed_out]
        repeated = self._repeat(handed, whole)
        held = {path: self._hold(path, model, turns, whole, repeated) for path, model in handed.items()}
        spent = self._settings.train_budget - self._left
        return told(held, handed, self._unbuilt(handed, turns), len(whole), spent, self._settings.train_budget)

    def _train(self, turn: int) -> _Turn:
        self._pipe.send(("progress", f"training {turn + 1} of {self._settings.audit}", ""))
        files = [(name, path) for name, path in self._files if not name.endswith(_ENDINGS)]
        made = self._run(steps_of(self._steps, turn), files, self._left)
        self._left -= made.seconds
        return made

    def _repeat(self, handed: Mapping[str, SeenModel], turns: Sequence[_Turn]) -> Mapping[str, SeenModel]:
        """Train once more with the notebook's own seeds, where a model did not begin as they lead to."""
        doubtful = [
            path
            for path, model in handed.items()
            if turns and path in turns[0].seen and seeds_itself(self._steps, path)
            if model.structure == turns[0].seen[path].structure
            if (likeness := origin(model, turns[0].seen[path])) is not None and likeness < ALIKE
        ]
        if not doubtful or self._left < 1.25 * turns[0].seconds:
            return {}
        again = self._train(0)
        return {path: again.seen[path] for path in doubtful if path in again.seen}

    def _hold(
        self,
        path: str,
        model: SeenModel,
        turns: Sequence[_Turn],
        whole: Sequence[_Turn],
        repeated: Mapping[str, SeenModel],
    ) -> Held:
        trained = [turn.seen[path] for turn in whole if path in turn.seen]
        # A cell that saved this model before the time was up has done its part.
        trained = trained or [turn.seen[path] for turn in turns if path in turn.seen]
        why = "" if self.unfinished else turns[0].why_none
        return hold(model, trained, repeated.get(path), why_none=why)

    def _unbuilt(self, handed: Mapping[str, SeenModel], turns: Sequence[_Turn]) -> dict[str, tuple[str, ...]]:
        """Return what ``build_cnn()`` and its like build, for models that no cell builds."""
        found = {}
        for path, model in handed.items():
            mine = self._built.get(f"build_{Path(path).stem}")
            trained = [one.structure for turn in turns for one in turn.seen.values()]
            if mine is not None and model.structure not in (*self._built.values(), *trained):
                found[path] = mine
        return found

    def _run(
        self, steps: Sequence[Step], files: Sequence[tuple[str, Path]], budget: float, *, handed_in: bool = False
    ) -> _Turn:
        """Run cells in a worker of their own, and let the checks look at the models that are there then."""
        settings = replace(self._settings, audit=0, train=budget > 0, train_budget=budget, records=False, render=False)
        assignment = self._job.assignment
        with contextlib.closing(pack(list(files))) as archive:
            limits = settings.limits(assignment.needs_tensorflow, assignment.memory)
            student = WatchedStudent(self._address, archive, steps, settings, limits, self._say, models=True)
            with contextlib.closing(student):
                student.run()
                trained = [(number, student.runs[number]) for number in student.runs if steps[number].kind == "train"]
                if handed_in:
                    self._ask_builders(student)
                    self._put_back(student)
                for path in self._paths:
                    self._look_at(student, path)
        errors = [f"{run.error_name}: {run.error_text}"[:200] for _, run in trained if run.status == "error"]
        why = "no cell of the notebook leaves a model there" + (
            f"; a training cell ended with {errors[-1]}" if errors else ""
        )
        return _Turn(
            student.seen,
            sum(run.seconds for _, run in trained),
            any(run.status == "timeout" for _, run in trained),
            why,
        )

    def _say(self, text: str) -> None:
        self._pipe.send(("progress", text, ""))

    def _ask_builders(self, student: WatchedStudent) -> None:
        for name in self._job.assignment.names:
            if name.startswith("build_"):
                # One that takes arguments, as `build_classifier`, cannot be asked here: the trained models tell.
                with contextlib.suppress(StudentFault, ModelRejected):
                    value = student.call(name).value
                    if hasattr(value, "layers"):
                        self._built[name] = structure(value)

    def _put_back(self, student: WatchedStudent) -> None:
        """Let models be as they were handed in, where a cell of the student's has trained them just now."""
        if not trains_anyway(self._steps):
            return
        for name, path in model_files(self._job.submission, self._job.assignment):
            with contextlib.suppress(StudentFault, NotHandedIn, OSError), open_handed_in(path) as file:
                student.put(name, file.read(MAX_BYTES))

    def _look_at(self, student: WatchedStudent, path: str) -> None:
        stem = Path(path).stem.replace("_", "-").lower()
        with contextlib.suppress(StudentFault, ModelRejected):
            student.saved_model(path)
        for grade_id in grade_ids(self._job.assignment.source) if path in student.seen else ():
            if grade_id.startswith(f"{stem}-"):
                run_checks(
                    self._job.assignment, student, self._job.fingerprint, grade_id, self._settings.call_seconds * 15
                )
