"""The colours of a page's code are those of code."""

from __future__ import annotations

import re

from autograder.render.page import STYLE


def test_no_rule_of_the_class_page_colours_words_of_code() -> None:
    """Pygments calls a name ``n`` and a sign ``p``: the matrix of a class may use these letters beside ``x`` only."""
    assert re.findall(r"^\.[a-z]{1,2} \{[^}]*background", STYLE, re.MULTILINE) == []
