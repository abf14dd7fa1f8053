"""The report's JSON form, and that its documentation tells the same."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from autograder.course.assignments import ROOT
from autograder.report import SCHEMA, Check, Report, to_json

DOCUMENT = (ROOT / "docs/report.md").read_text(encoding="utf-8")


def documented_fields(section: str) -> dict[str, str]:
    """Return the fields and types in the table of a section of docs/report.md."""
    text = DOCUMENT.split(f"## {section}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text, re.MULTILINE))


def test_every_field_of_a_report_is_documented() -> None:
    """In the order of the JSON."""
    assert list(documented_fields("The report")) == ["schema", *(field.name for field in dataclasses.fields(Report))]


def test_every_field_of_a_check_is_documented() -> None:
    """In the order of the JSON."""
    assert list(documented_fields("A check")) == [field.name for field in dataclasses.fields(Check)]


def test_the_documented_types_are_those_of_the_values(reports: list[Report]) -> None:
    """As JSON calls them."""
    kinds = {str: "string", int: "number", float: "number", list: "array", dict: "object", type(None): "null"}
    documented = documented_fields("The report")
    for report in reports:
        for name, value in json.loads(to_json([report])).items():
            if name != "schema":
                assert kinds[type(value)] in documented[name].split(" or "), name
    documented = documented_fields("A check")
    for name, value in dataclasses.asdict(reports[0].checks[0]).items():
        assert kinds[type(value)] == documented[name], name


def test_the_documented_example_is_a_report() -> None:
    """It can be read, and it has every field."""
    example = json.loads(DOCUMENT.split("```json\n")[1].split("```")[0])
    assert Report.from_dict(example).as_dict() == example
    assert example["schema"] == SCHEMA


def test_a_report_survives_its_json_form(reports: list[Report]) -> None:
    """Hostile text and a missing grade included."""
    for report in reports:
        assert Report.from_dict(json.loads(to_json([report]))) == report


def test_the_json_text_can_be_written_whatever_it_holds(reports: list[Report]) -> None:
    """Half a surrogate pair in a student's message must not stop the report of the class."""
    text = to_json(reports)
    assert "\\ud800" in text
    assert json.loads(text.encode("utf-8"))[2]["submission"] == reports[2].submission


def test_several_reports_are_a_list(reports: list[Report]) -> None:
    """And one is an object."""
    assert [report["submission"] for report in json.loads(to_json(reports))] == [r.submission for r in reports]
    assert json.loads(to_json(reports[:1]))["submission"] == "ana"


def test_another_schema_is_refused() -> None:
    """The message says which one came."""
    with pytest.raises(ValueError, match=r"expected a report of schema 1\. Received: 2"):
        Report.from_dict({"schema": 2})


def test_checks_by_grade_cell_keep_their_order(reports: list[Report]) -> None:
    """The order of the notebook."""
    cells = reports[0].by_grade_cell()
    assert {name: len(checks) for name, checks in cells.items()} == {"pad2d": 2, "conv2d": 2}
    assert list(cells) == ["pad2d", "conv2d"]
