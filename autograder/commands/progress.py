"""A run in progress on the screen: one bar for all submissions, and one for each machine where there are several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.markup import escape
from rich.progress import Progress, TaskID

from autograder.grading.executor import Event
from autograder.language import number
from autograder.render.phrases import say
from autograder.render.text import plain_line

__all__ = ["ProgressScreen"]


class ProgressScreen:
    """What a class run shows while it runs.

    Parameters
    ----------
    progress : Progress
        Of rich.
    names : sequence of str
        Of the submissions, fit for a line.
    doing : str
        What happens to them.
    """

    def __init__(self, progress: Progress, names: Sequence[str], doing: str = "Grading") -> None:
        self._doing = doing
        self._progress = progress
        self._names = names
        self._bar = progress.add_task(say("Preparing"), total=len(names))
        self._bars: dict[str, TaskID] = {}
        self._graded: Counter[str] = Counter()

    def say(self, text: str) -> None:
        """Show what takes its time."""
        self._progress.update(self._bar, description=say(text))

    def end(self) -> None:
        """Take the bar away: something else begins."""
        self._progress.update(self._bar, visible=False)

    def show(self, event: Event) -> None:
        """Show what happened."""
        if event.kind == "notice":
            # A line that stays: what happened to a machine is to be read after the run, too.
            self._progress.console.print(escape(plain_line(say(event.text), 2000)), soft_wrap=True, highlight=False)
            return
        machine = plain_line(event.machine, 40) if event.machine else ""
        bar = self._bar_of(machine)
        name = self._names[event.index]
        if event.kind == "finished":
            self._progress.advance(self._bar)
            if machine:
                self._graded[machine] += 1
                self._progress.advance(bar)
                self._progress.update(self._bar, description=say(self._doing))
            return
        last = plain_line(event.text.strip().rpartition("\n")[2], 60)
        what = f"{say(self._doing)} {name}" if event.kind == "started" else f"{name}: {last}" if last else name
        self._progress.update(bar, description=f"{machine}: {what}" if machine else what)

    def machines(self) -> list[str]:
        """Return a line for each machine: how many submissions it graded."""
        return [say(f"machine {machine}: {number(count)} graded") for machine, count in sorted(self._graded.items())]

    def _bar_of(self, machine: str) -> TaskID:
        if not machine:
            return self._bar
        if machine not in self._bars:
            self._bars[machine] = self._progress.add_task(machine, total=len(self._names))
        return self._bars[machine]
