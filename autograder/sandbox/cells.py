"""The cells of one submission: run in each worker that it gets, within their time, without those that ended one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.intake.restore import Step
from autograder.sandbox.client import MAX_OUTPUT, CellRun, KernelClient
from autograder.sandbox.time_budget import TimeBudget
from autograder.settings import CELLS_SHARE, Settings

__all__ = ["Cells"]

# Bytes of output of all cells together that are kept, where they are wanted.
MAX_OUTPUTS = 32 << 20


class Cells:
    """What of a notebook runs, and how it went: ``runs`` by the place among ``steps``, ``timed_out`` if any did.

    ``last_death`` says how the last worker ended, if one of these cells ended it.

    Parameters
    ----------
    steps : sequence of Step
    settings : Settings
    time : TimeBudget
        The submission's, from which cells draw.
    on_progress : callable, optional
        Called with what training cells print.

    Notes
    -----
    Cells that only draw run where outputs are wanted, once, in a time of their own: a grade never depends on them.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        settings: Settings,
        time: TimeBudget,
        on_progress: Callable[[str], None] | None = None,
    ) -> None:
        self.steps = list(steps)
        self.runs: dict[int, CellRun] = {}
        self.timed_out = False
        self.last_death = ""
        self._settings = settings
        self._time = time
        self._on_progress = on_progress
        self._poison: set[int] = set()
        self._left = CELLS_SHARE * settings.total_seconds
        self._training_left = settings.train_budget
        self._outputs_left = MAX_OUTPUTS
        self._draws = settings.render
        self._drawing_left = CELLS_SHARE * settings.total_seconds

    def run(self, client: KernelClient) -> bool:
        """Run them in a new worker; return whether a picture ended it, which then is as if it had never been."""
        self.last_death = ""
        before, drew = (self._left, self._training_left), self._draws
        self._run_all(client)
        if client.alive or self._draws or not drew:
            return False
        self._left, self._training_left = before
        return True

    def why_untrained(self, path: str) -> str:
        """Say why the training cells left no model at ``path``."""
        of_training = [run.status for number, run in self.runs.items() if self.steps[number].kind == "train"]
        if "timeout" in of_training:
            reason = f"No terminaron en los {self._settings.train_budget:.0f} segundos que tienen entre todas."
        elif "error" in of_training:
            reason = "Alguna terminó con un error: ejecuta el cuaderno de arriba abajo y corrígelo."
        else:
            reason = f"¿Guardas el modelo con `model.save('{path}')`?"
        return f"Las celdas de entrenamiento se ejecutaron, pero no quedó ningún modelo en `{path}`. {reason}"

    def _run_all(self, client: KernelClient) -> None:
        unnamed: list[int] = []
        for number, step in enumerate(self.steps):
            if number in self._poison or not self._wanted(step):
                continue
            if not self._run_cell(client, number, step):
                return
            if self.runs[number].error_name == "NameError":
                unnamed.append(number)
        # A notebook whose cells were moved may use a name before the cell that defines it: one more chance, at the end.
        for number in unnamed:
            if not self._run_cell(client, number, self.steps[number]):
                return
        self._draws = False

    def _run_cell(self, client: KernelClient, number: int, step: Step) -> bool:
        """Run one cell if there is time for it; return False if it ended the worker."""
        if step.kind == "plot":
            return self._draw(client, number, step)
        training = step.kind == "train"
        allowed = self._training_left if training else min(self._settings.cell_seconds, self._left)
        seconds = min(allowed, self._time.left)
        if seconds <= 0:
            self.timed_out = True
            self.runs.setdefault(number, CellRun("timeout"))
            return True
        progress = self._on_progress if training else None
        run = self._kept(client, number, step, seconds, progress)
        self.timed_out = self.timed_out or run.status == "timeout"
        if training:
            self._training_left -= run.seconds
        else:
            self._left -= run.seconds
        if client.alive:
            return True
        self._poison.add(number)
        self.last_death = run.error_text or "una celda no terminó a tiempo."
        return False

    def _draw(self, client: KernelClient, number: int, step: Step) -> bool:
        """Run a cell that only draws, in its own time; after one that ended the worker no other one is run."""
        seconds = min(self._settings.cell_seconds, self._drawing_left)
        if seconds <= 0:
            self.runs.setdefault(number, CellRun("timeout"))
            return True
        before = self._time.left
        self._drawing_left -= self._kept(client, number, step, seconds).seconds
        self._time.give_back(before)
        self._draws = client.alive
        return client.alive

    def _kept(
        self,
        client: KernelClient,
        number: int,
        step: Step,
        seconds: float,
        progress: Callable[[str], None] | None = None,
    ) -> CellRun:
        """Run one cell, and keep of its outputs what is wanted."""
        keep = max(0, min(MAX_OUTPUT, self._outputs_left)) if self._settings.render else 0
        run = client.run_cell(step.source, seconds, on_progress=progress, keep=keep)
        self._outputs_left -= run.output_bytes
        self.runs[number] = run
        return run

    def _wanted(self, step: Step) -> bool:
        if step.kind == "train":
            return self._settings.train
        return step.kind == "run" or self._draws
