"""A report in its reader's language."""

from __future__ import annotations

from autograder.language import speaking
from autograder.render.checks import waiting_for
from autograder.render.said import said
from autograder.report import Check, Report

TITLE = "pad2d con padding 0 devuelve la imagen tal cual."
REPORT = Report(
    "02_convolucion",
    "ana",
    0.0,
    2.0,
    checks=[
        Check(
            "pad2d::a", "pad2d", TITLE, "failed", 0.0, 1.0, "La salida no es lo esperado: faltan los sesgos (biases)."
        ),
        Check("pad2d::b", "pad2d", "Mía.", "skipped", 0.0, 1.0, f"Primero hace falta: «{TITLE}»."),
    ],
    flags=[{"kind": "trained", "message": "Training cells ran (--train); what they trained was graded."}],
)


def test_checks_are_said_in_english_and_flags_in_spanish_where_asked() -> None:
    """The report itself stays; what an author wrote without a translation does, too."""
    english = "pad2d with padding 0 returns the image as it is."
    with speaking("en"):
        told = said(REPORT)
        assert [check.title for check in told.checks] == [english, "Mía."]
        assert [check.message for check in told.checks] == [
            "The output is not as expected: the biases are missing.",
            f"Needed first: «{english}».",
        ]
        assert told.flags == REPORT.flags
        assert waiting_for(told.checks)["pad2d::b"].id == "pad2d::a"
    spanish = said(REPORT)
    assert spanish.checks == REPORT.checks
    assert spanish.flags[0]["message"] == (
        "Se ejecutaron las celdas de entrenamiento (--train); se corrigió lo que entrenaron."
    )
    assert REPORT.flags[0]["message"].startswith("Training cells ran")
    assert told.as_dict()["score"] == REPORT.as_dict()["score"]
