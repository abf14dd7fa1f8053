"""Help by what one does, and misuse that says what to type."""

from __future__ import annotations

import shlex

import pytest

from autograder.cli import build_parser, main
from autograder.commands import GROUPS, VERBS, verb_called
from autograder.commands.parser import asked_language


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a command line that is wrong is told, in one line."""
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code  # type: ignore[assignment]
    assert status == 2
    return " ".join(capsys.readouterr().err.split())


def test_the_front_page_groups_the_verbs_each_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """In the language that is asked for, at most 80 columns wide."""
    with pytest.raises(SystemExit):
        main(["--lang", "en", "--help"])
    page = capsys.readouterr().out
    places = [page.index(f"\n{title}\n") for title in GROUPS]
    assert places == sorted(places)
    for name in VERBS:
        assert f"\n  {name} " in page
        assert f"$ python -m autograder {verb_called(name).EXAMPLE}\n" in page
    assert [line for line in page.splitlines() if len(line) > 80] == []
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "\nLlevar un curso\n" in capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_every_example_is_understood(verb: str) -> None:
    """And is of its own verb."""
    words = shlex.split(verb_called(verb).EXAMPLE)
    assert words[0] == verb
    assert build_parser().parse_args(words).command is verb_called(verb).run


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["grad", "x"], "Did you mean grade? What there is: python -m autograder --help"),
        (["export", "--format", "mooodle"], "Received: mooodle. Did you mean moodle?"),
        (["grade", "x", "--rooster", "r.csv"], "Received: --rooster r.csv. Did you mean --roster?"),
        (["grade", "x", "--assignment", "02_convolution"], "Received: 02_convolution. Did you mean 02_convolucion?"),
        (["release", "02"], "Received: 02. Did you mean 02_convolucion?"),
        (["grade", "sourc"], "Received: sourc, which does not exist. Did you mean source?"),
        (["collect", "moodle", "nope.zip"], "reads. Received: nope.zip: no such file or folder."),
        (["grade"], "the following arguments are required: PATH"),
        (["grade", "x", "--jobs", "0"], "argument --jobs: expected a whole number from 1 on. Received: 0"),
    ],
    ids=" ".join,
)
def test_misuse_says_what_to_type(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest of what there is; nothing where nothing is near."""
    monkeypatch.setenv("CNN_LANG", "en")
    assert told in said(arguments, capsys)


def test_misuse_is_told_in_spanish_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """The parser's own words, too."""
    told = said(["grad"], capsys)
    assert told.startswith("uso: python -m autograder")
    assert told.endswith("Recibido: grad. ¿Querías decir grade? Lo que hay: python -m autograder --help")
    assert "faltan estos argumentos: PATH" in said(["grade"], capsys)


def test_the_language_comes_from_the_command_line_then_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it is the course's; what is no language counts for nothing."""
    monkeypatch.delenv("CNN_LANG", raising=False)
    assert asked_language(["grade", "x"]) == "es"
    monkeypatch.setenv("CNN_LANG", "en")
    assert asked_language(["grade", "x"]) == "en"
    assert asked_language(["grade", "x", "--lang", "es"]) == "es"
    assert asked_language(["--lang=es", "grade"]) == "es"
    assert asked_language(["grade", "--lang"]) == "es"


def test_one_problem_is_not_said_to_be_several(capsys: pytest.CaptureFixture[str]) -> None:
    """Counts are written in one way."""
    from autograder.commands.telling import tell
    from autograder.language import counted, speaking

    for count in (1, 2):
        tell(f"{counted(count, 'problem')}.")
        with speaking("en"):
            tell(f"{counted(count, 'problem')}.")
    assert capsys.readouterr().out.splitlines() == ["1 problema.", "1 problem.", "2 problemas.", "2 problems."]
