"""Reports as JUnit XML, which continuous integration and most dashboards read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from autograder.render.text import NO_GRADE, NOT_HANDED_IN, cell_points, dotted, figures
from autograder.report import Check, Report

# The characters that XML 1.0 allows, https://www.w3.org/TR/xml/#charsets
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(reports: Sequence[Report]) -> str:
    """Return JUnit XML: a ``testsuite`` per submission, a ``testcase`` per check.

    A suite's properties hold the score (none if there is no grade), the points of each grade cell and the flags.
    A submission that got no grade always shows an error; one that there is not is skipped.

    Parameters
    ----------
    reports : sequence of Report

    Returns
    -------
    str
        An XML 1.0 document in UTF-8. Characters that XML forbids are left out.
    """
    root = ElementTree.Element("testsuites", name="autograder")
    for report in reports:
        root.append(_suite(report))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", f"{sum(report.seconds for report in reports):.3f}")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_clean(report.submission), package=_clean(report.assignment))
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(report):
        ElementTree.SubElement(properties, "property", name=_clean(name), value=_clean(value))
    for check in report.checks:
        suite.append(_case(report, check))
    if not report.graded and not any(check.status == "error" for check in report.checks):
        reasons = "\n".join(str(flag.get("message", "")) for flag in report.flags)
        case = ElementTree.SubElement(suite, "testcase", classname=_clean(report.assignment), name="entrega", time="0")
        if report.handed_in:
            _explain(case, "error", NO_GRADE, reasons or NO_GRADE)
        else:
            _explain(case, "skipped", NOT_HANDED_IN, reasons)
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("time", f"{report.seconds:.3f}")
    return suite


def _properties(report: Report) -> list[tuple[str, str]]:
    listed = [("assignment", report.assignment), ("max_score", dotted(report.max_score))]
    if report.score is not None:
        listed.insert(1, ("score", dotted(report.score)))
    listed += [(f"points:{grade_id}", _worth(*cell_points(cell))) for grade_id, cell in report.by_grade_cell().items()]
    for flag in report.flags:
        told = f"{flag.get('message', '')} ({figures(flag)})" if figures(flag) else str(flag.get("message", ""))
        listed.append((f"flag:{flag.get('kind', '')}", told))
    return listed + [(f"version:{name}", version) for name, version in report.versions.items()]


def _case(report: Report, check: Check) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=_clean(f"{report.assignment}.{check.grade_id}"),
        name=_clean(check.title),
        time=f"{check.seconds:.3f}",
    )
    tags = {"failed": "failure", "skipped": "skipped", "error": "error"}
    if check.status in tags:
        text = check.message
        if check.score > 0:
            text += f"\n{_worth(check.score, check.max_score)}"
        _explain(case, tags[check.status], check.status, text)
    elif check.message:
        ElementTree.SubElement(case, "system-out").text = _clean(check.message)
    return case


def _explain(case: ElementTree.Element, tag: str, kind: str, text: str) -> None:
    text = _clean(text)
    element = ElementTree.SubElement(case, tag, type=kind, message=text.partition("\n")[0])
    element.text = text


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", str(text))


def _worth(value: float, max_score: float) -> str:
    return f"{dotted(value)}/{dotted(max_score)}"
