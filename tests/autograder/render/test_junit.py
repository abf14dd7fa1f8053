"""Reports as JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree

from autograder.render.junit import to_junit
from autograder.report import Report


def suites(reports: list[Report]) -> list[ElementTree.Element]:
    """Parse the XML as a dashboard would: from bytes."""
    return list(ElementTree.fromstring(to_junit(reports).encode("utf-8")))


def properties(suite: ElementTree.Element) -> dict[str, str]:
    """Return a suite's properties by name."""
    return {item.get("name", ""): item.get("value", "") for item in suite.iter("property")}


def test_a_submission_is_a_suite_and_a_check_a_case(reports: list[Report]) -> None:
    """Each way of ending has its element."""
    suite = suites(reports)[0]
    assert suite.attrib == {
        "name": "ana",
        "package": "02_convolucion",
        "tests": "4",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "time": "1.250",
    }
    cases = suite.findall("testcase")
    assert [[part.tag for part in case] for case in cases] == [[], ["failure"], [], ["skipped"]]
    assert cases[1].attrib == {
        "classname": "02_convolucion.pad2d",
        "name": "pad2d no cambia su entrada.",
        "time": "0.020",
    }
    failure = cases[1].find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message"), failure.text) == ("failed", "La cambió.", "La cambió.")


def test_properties_hold_the_points(reports: list[Report]) -> None:
    """Of the submission and of each grade cell; no score without a grade."""
    first, second, third = map(properties, suites(reports))
    assert first["score"] == "7.5"
    assert first["max_score"] == "10"
    assert first["points:pad2d"] == "2.5/5"
    assert first["version:python"] == "3.11.7"
    assert "score" not in second
    assert "ratio 0,988" in third["flag:similar"]


def test_the_totals_are_those_of_the_suites(reports: list[Report]) -> None:
    """As attributes of the root."""
    root = ElementTree.fromstring(to_junit(reports))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
    }


def test_a_submission_without_a_grade_is_an_error() -> None:
    """Otherwise a dashboard would show a suite without tests as fine."""
    lost = Report("", "ana", None, 0, flags=[{"kind": "unreadable", "message": "No es un cuaderno."}])
    (suite,) = suites([lost])
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    error = suite.find("testcase/error")
    assert error is not None
    assert (error.get("message"), error.text) == ("No es un cuaderno.", "No es un cuaderno.")


def test_forbidden_characters_are_left_out(reports: list[Report]) -> None:
    """Control characters and half surrogates are no XML, not even escaped."""
    suite = suites(reports)[2]
    assert suite.get("name", "").startswith("../<script>alert(1)</script> [bold]x[/bold] | `a` @todos [31mrojo")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.text is not None
    assert "]]> " in failure.text
    assert failure.text.endswith("0.3/10")
    assert "\n" not in failure.get("message", "")
