"""nbgrader's ``release_feedback`` for a class of which some handed in by other means than nbgrader's exchange."""

from __future__ import annotations

import glob
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

__all__ = ["ReleaseFeedback"]


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Release the pages of those who can fetch them: ``c.ExchangeFactory.release_feedback``.

    ``nbgrader submit`` leaves a time and a secret beside the notebook, from which the page's name in the exchange
    follows. Submissions out of an archive or a repository have none: nbgrader's own command stops at the first of them.
    """

    src_path: str

    def copy_files(self) -> None:
        """Copy the pages, student by student."""
        everywhere = self.src_path
        for folder in sorted(glob.glob(everywhere)):
            if _came_through_the_exchange(Path(folder)):
                self.src_path = glob.escape(folder)
                super().copy_files()
            else:
                self.log.warning("%s is not released: it was not handed in through the exchange.", folder)
        self.src_path = everywhere


def _came_through_the_exchange(folder: Path) -> bool:
    try:
        return all((folder / name).read_text().strip() for name in ("timestamp.txt", "submission_secret.txt"))
    except (OSError, UnicodeDecodeError):
        return False
