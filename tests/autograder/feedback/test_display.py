"""What of a student's may be shown in the instructor's browser."""

from __future__ import annotations

import re
from typing import Any

import pytest

from autograder.feedback.display import harmless_markdown, harmless_outputs, storable

SCRIPT = "<script>alert(1)</script>"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


def shown(data: dict[str, Any]) -> dict[str, str]:
    kept = harmless_outputs([{"output_type": "display_data", "data": data, "metadata": {"width": SCRIPT}}])
    assert all(output["metadata"] == {} for output in kept)
    return dict(kept[0]["data"]) if kept else {}


def test_text_and_pictures_stay() -> None:
    """As they are."""
    assert shown({"text/plain": "<Figure>", "image/png": [PNG, "\n"]}) == {"text/plain": "<Figure>", "image/png": PNG}


def test_a_table_keeps_its_form_and_loses_what_runs() -> None:
    """What pandas shows is HTML."""
    table = f'<table class="dataframe" onclick="x()"><tr><td>1</td></tr></table>{SCRIPT}<img src="http://x.example/y">'
    html = shown({"text/html": table})["text/html"]
    assert "<td>1</td>" in html
    assert not any(word in html for word in ("script", "alert", "onclick", "x.example"))


@pytest.mark.parametrize(
    "data",
    [
        {"application/javascript": "alert(1)"},
        {"image/svg+xml": "<svg onload='alert(1)'/>"},
        {"text/latex": "\\href{javascript:alert(1)}{x}"},
        {"text/markdown": SCRIPT},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}},
        {"image/png": f'"><{SCRIPT}'},
        {"image/png": {"a": 1}},
        {"image/jpeg": PNG},
        {7: 7},
    ],
)
def test_what_could_run_is_left_out(data: dict[str, Any]) -> None:
    """Also a picture that is no picture: templates put its text into an attribute."""
    assert shown(data) == {}


def test_what_is_no_output_is_left_out() -> None:
    """A student's code sends what it likes."""
    assert harmless_outputs([None, {}, {"output_type": "pickle"}, {"output_type": "display_data", "data": 7}]) == []
    [error] = harmless_outputs([{"output_type": "error", "ename": 1, "traceback": "x"}])
    assert error == {"output_type": "error", "ename": "", "evalue": "", "traceback": []}
    [stream] = harmless_outputs([{"output_type": "stream", "name": "other", "text": ["a", 1, "b\ud800"]}])
    assert stream == {"output_type": "stream", "name": "stdout", "text": "ab?"}


def test_markdown_keeps_its_form_and_loses_what_runs() -> None:
    """The filter of the formgrader's pages."""
    html = harmless_markdown({}, f"# Título\n\n> cita\n\n`a < b` y **c**\n\n{SCRIPT}\n\n[x](javascript:alert(1))")
    assert "<blockquote>" in html
    assert "<code>a &lt; b</code>" in html
    assert "<strong>c</strong>" in html
    assert "<script" not in html
    assert "href" not in html
    cell = {"attachments": {"a.png": {"image/png": PNG}, "b.png": {"image/png": '" onerror="alert(1)'}}}
    pictures = harmless_markdown({"cell": cell}, "![foto](attachment:a.png) ![foto](attachment:b.png)")
    assert f'src="data:image/png;base64,{PNG}"' in pictures
    assert "onerror" not in re.sub('"[^"]*"', "", pictures)


def test_half_a_surrogate_pair_can_be_stored() -> None:
    """It cannot be written as UTF-8."""
    assert storable("a\ud800b") == "a?b"
