"""What an audit tells, in words and figures."""

from __future__ import annotations

from autograder.audit.flags import told
from autograder.audit.seen import SeenModel
from autograder.audit.verdict import Held

CNN = "models/cnn.keras"
FOUND = {CNN: SeenModel(("Dense 10",))}


def test_a_model_that_was_reproduced_is_told_in_one_flag() -> None:
    """With what the audit took and may have taken."""
    held = {CNN: Held((), 0.99, (0.989, 0.991, 0.99), (0.985, 0.994), 0.98)}
    assert told(held, FOUND, {}, 3, 61.25, 1800.0) == [
        {
            "kind": "audited",
            "message": "Its training cells ran again, 3 trainings in 61 of 1800 seconds: models/cnn.keras may be what "
            "it trains (units match with a cosine of 0.98, 99.00%, expected 98.50% to 99.40%).",
            "trainings": 3,
            "seconds": 61.2,
            "budget": 1800.0,
            "models": [CNN],
        }
    ]


def test_a_model_that_was_not_reproduced_is_told_with_its_figures() -> None:
    """The sentence says that it is no proof."""
    held = {CNN: Held(("it recognises too much", "and more"), 0.99, (0.95,), (0.93, 0.97), None)}
    flag, audited = told(held, FOUND, {}, 1, 10.0, 1800.0)
    assert flag == {
        "kind": "not-reproduced",
        "message": "models/cnn.keras is not what its own notebook trains, as far as one training can tell: it "
        "recognises too much; and more. That is no proof: ask how it was trained, and on which machine.",
        "model": CNN,
        "reasons": ["it recognises too much", "and more"],
        "accuracy": 0.99,
        "trained": [0.95],
        "interval": [0.93, 0.97],
        "likeness": None,
    }
    assert "models/cnn.keras was not reproduced" in audited["message"]


def test_an_architecture_that_no_cell_builds_is_told_with_both() -> None:
    """Its function is named."""
    flag, _ = told({CNN: Held()}, FOUND, {CNN: ("Conv2D 8", "Dense 10")}, 1, 10.0, 1800.0)
    assert flag == {
        "kind": "other-architecture",
        "message": "No cell of the notebook builds models/cnn.keras: build_cnn() builds Conv2D 8; Dense 10, and the "
        "file holds Dense 10.",
        "model": CNN,
    }


def test_an_audit_whose_time_was_up_says_so_and_accuses_nobody() -> None:
    """One flag, of the audit itself."""
    (flag,) = told({CNN: Held((), 0.99)}, FOUND, {}, 0, 1800.0, 1800.0)
    assert flag["message"] == (
        "Its training did not end in the 1800 seconds of an audit (--audit-budget): models/cnn.keras was not trained."
    )
