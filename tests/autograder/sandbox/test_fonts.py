"""Matplotlib's list of fonts: made by the first zygote, read by the next ones, and nothing else is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.sandbox.box import Sandbox
from autograder.sandbox.client import KernelClient
from autograder.sandbox.fonts import font_lists, keep_font_list
from autograder.sandbox.launch import launch, pack
from autograder.settings import Settings

LOOK = """
import matplotlib.font_manager as manager
manager.fontManager.ttflist[0].name
"""


def test_the_second_sandbox_is_spared_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads what the first one found, a mark in it included."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Sandbox() as box:
        box.wait_until_ready()
    [kept] = font_lists()
    fonts = json.loads(kept.read_text())
    fonts["ttflist"][0]["name"] = "Marked"
    kept.write_text(json.dumps(fonts))
    with Sandbox() as box, pack([]) as archive:
        box.wait_until_ready()
        client = KernelClient(launch(box.address, archive.fileno(), Settings().limits(False)))
        client.wait_until_ready()
        [output] = client.run_cell(LOOK, 20).outputs
        client.close()
    assert output["data"]["text/plain"] == "'Marked'"
    assert font_lists() == [kept]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b'{"name": "../fontlist-v1.json", "content": "{}"}',
        b'{"name": "fontlist-v1.json", "content": "[]"}',
        b'{"name": "fontlist-v1.json", "content": "no"}',
        b'{"name": 1, "content": "{}"}',
        b'{"name": "fontlist-v1.json"}',
    ],
)
def test_what_is_no_list_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: bytes) -> None:
    """Names lead nowhere else."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    keep_font_list(line)
    assert list(tmp_path.rglob("*")) == []
