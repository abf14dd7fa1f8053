"""What a step of a workflow says, and what it cannot be made to say."""

from __future__ import annotations

import pytest

from autograder.github.actions import MAX_SUMMARY, annotate, say, set_output, write_summary


@pytest.mark.parametrize(
    "text",
    ["::error::x", "  ::add-mask::a", "##[add-path]/tmp", "bien\n::stop-commands::t", "a\r::set-output name=x::y"],
)
def test_what_a_student_wrote_commands_nothing(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The runner obeys lines that begin with a command, in either notation."""
    say(text)
    for line in capsys.readouterr().out.splitlines():
        assert not line.strip().startswith(("::", "##["))


def test_an_annotation_names_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """File, line and title; what would end the property or the line is escaped."""
    annotate("error", "100 %\nfalta ::x", title="Ejercicio 3: a, b", file="02.ipynb", line=7)
    assert capsys.readouterr().out == (
        "::error file=02.ipynb,line=7,title=Ejercicio 3%3A a%2C b::100 %25%0Afalta ::x\n"
    )


def test_an_annotation_stays_one_line_whatever_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise a message could command the runner."""
    annotate("error", "a\r\n::add-mask::b\x85::error::c\u2028::error::d", title="t\n::error::", file="f\n::error::")
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_outputs_and_summary_are_added_to_the_files_of_the_runner(tmp_path) -> None:
    """Both files may hold something already."""
    environment = {"GITHUB_OUTPUT": str(tmp_path / "o"), "GITHUB_STEP_SUMMARY": str(tmp_path / "s")}
    for _ in range(2):
        set_output("result", "abc=", environment)
        write_summary("## Título", environment)
    assert (tmp_path / "o").read_text() == "result=abc=\n" * 2
    assert (tmp_path / "s").read_text(encoding="utf-8") == "## Título\n" * 2


def test_a_summary_that_github_would_reject_is_cut(tmp_path) -> None:
    """GitHub drops a longer one as a whole."""
    write_summary("ñ" * MAX_SUMMARY, {"GITHUB_STEP_SUMMARY": str(tmp_path / "s")})
    assert MAX_SUMMARY - 3 < (tmp_path / "s").stat().st_size <= MAX_SUMMARY
    assert set((tmp_path / "s").read_text(encoding="utf-8").strip()) == {"ñ"}


def test_an_output_of_two_lines_is_refused(tmp_path) -> None:
    """It could set another output."""
    with pytest.raises(ValueError, match="one line for the output result"):
        set_output("result", "a\nb=c", {"GITHUB_OUTPUT": str(tmp_path / "o")})


def test_without_github_there_is_nothing_to_write() -> None:
    """At home the same program runs without those files."""
    set_output("result", "abc", {})
    write_summary("## Título", {})
