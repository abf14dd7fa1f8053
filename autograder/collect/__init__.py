"""Brings submissions from where students hand them in to ``submitted/<student>/<assignment>/``.

A source (`moodle`, `canvas`, `github`, `classroom50`) returns hand-ins; `matching` tells whose they are; each is
written to a private folder within limits (`staging`, `names`), arranged as the assignment names its files and put in
place (`placing`). Everything that students made is hostile: archives (`zips`) and repositories (`git`, `mirror`) are
read without running or following anything in them.
"""

from autograder.collect.handin import Source
from autograder.collect.outcome import FAILURES, Outcome, record, summary_table
from autograder.collect.placing import Places
from autograder.collect.run import collect
from autograder.collect.timing import parse_deadline

__all__ = ["FAILURES", "Outcome", "Places", "Source", "collect", "parse_deadline", "record", "summary_table"]
