"""Reports as Markdown."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import mistune
import pytest
from markdown_it import MarkdownIt

from autograder.render.markdown import escape, to_markdown
from autograder.report import Check, Report

HOSTILE = [
    "<script>alert(1)</script>",
    "![x](https://mal.example/x.png)",
    "[x](javascript:alert(1))",
    "<https://mal.example>",
    "https://mal.example www.mal.example ana@mal.example",
    "a | b | c",
    "fin\n\n# Título\n\n| x |\n|---|\n",
    "**negrita** _cursiva_ ~~tachado~~ `código`",
    "</td></tr></table></details><h1>",
    "&lt;img src=x&gt; &#60;b&#62;",
    "\\| \\<b>",
    "`a | b` ``<i>``",
    "$\\href{https://mal.example}{x}$ :smile: [^1]",
    "@todos #12 GH-12 org/repo#1",
]


def rendered(markdown: str) -> list[str]:
    """Return what two Markdown programs make of it, the second one linking every address that it finds."""
    commonmark = MarkdownIt("commonmark").enable("table").render(markdown)
    linking = mistune.create_markdown(escape=False, plugins=["table", "url", "strikethrough", "footnotes"])(markdown)
    return [commonmark, str(linking)]


def test_one_report_is_shown_in_full(reports: list[Report]) -> None:
    """Points per cell, sign, title, message."""
    lines = to_markdown(reports[:1]).splitlines()
    assert lines[0] == "## 02_convolucion · ana: 7,5/10"
    assert lines[2:] == [
        "| | Prueba | Puntos |",
        "|:-:|---|--:|",
        "| | **<code>pad2d</code>** | **2,5/5** |",
        "| ✓ | pad2d agranda la imagen. | 2,5/2,5 |",
        "| ✗ | pad2d no cambia su entrada.<br>La cambió. | 0/2,5 |",
        "| | **<code>conv2d</code>** | **5/5** |",
        "| ✓ | El ejemplo. | 5/5 |",
        "| – | Otro caso. <i>(no evaluado)</i><br>Depende de otro. |  |",
        "",
        "<sub>autograder 1.0.0, python 3.11.7</sub>",
    ]


def test_a_class_begins_with_a_table(reports: list[Report]) -> None:
    """And each submission folds out."""
    text = to_markdown(reports)
    assert "| ana | 02_convolucion | 7,5/10 | 2 ✓ 1 ✗ 1 – |  |" in text
    assert "| beto | 02_convolucion | sin nota | 1 ! |  |" in text
    assert text.count("<details>") == text.count("</details>") == 3
    assert "quedó **sin nota**" in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_of_students_stays_text(reports: list[Report], hostile: str) -> None:
    """In a name, a title, a message and a flag: the same tags come out as for a harmless text."""

    def tags(text: str) -> list[list[str]]:
        check = Check("a::b", "a", text, "failed", 0, 1, text)
        report = replace(
            reports[2], submission=text, checks=[check], flags=[{"kind": text, "message": text, "x": text}]
        )
        return [re.findall(r"<[^>]*>", page) for page in rendered(to_markdown([reports[0], report]))]

    plain_text = re.sub(r"[^\s`]+", "x", hostile)
    harmless = [[tag for tag in page if "code" not in tag and tag != "<br>"] for page in tags(plain_text)]
    assert [[tag for tag in page if "code" not in tag and tag != "<br>"] for page in tags(hostile)] == harmless


@pytest.mark.parametrize("hostile", HOSTILE)
def test_escaped_text_reads_as_it_was_written(hostile: str) -> None:
    """Line ends and invisible joiners aside."""
    for page in rendered(f"| a |\n|---|\n| {escape(hostile)} |"):
        (cell,) = re.findall(r"<td>(.*?)</td>", page, re.DOTALL)
        shown = html.unescape(cell.replace("<br>", " ")).replace("\N{WORD JOINER}", "")
        assert shown.split() == hostile.split()


def test_mentions_and_references_are_broken() -> None:
    """GitHub looks for them in the text of the finished page."""
    joiner = "\N{WORD JOINER}"
    assert html.unescape(escape("@todos #12 GH-12 https://a.b")) == (
        f"@{joiner}todos #{joiner}12 GH-{joiner}12 https:{joiner}//a.b"
    )
    assert html.unescape(escape("a @ b, x[1:, 3:4]")) == "a @ b, x[1:, 3:4]"


def test_code_in_a_message_is_shown_as_code(reports: list[Report]) -> None:
    """With its content escaped."""
    check = Check("a::b", "a", "Usa `pool_size`.", "failed", 0, 1, "¿Falta un `return <x>`?")
    text = to_markdown([replace(reports[0], checks=[check])])
    assert "| ✗ | Usa <code>pool_size</code>.<br>¿Falta un <code>return &#60;x&#62;</code>? | 0/1 |" in text
