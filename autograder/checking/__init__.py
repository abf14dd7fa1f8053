"""What a check may ask and say: all that its author imports, ``from autograder.checking import expect_array, fail``."""

from autograder.checking.blame import charged_once, helped, holds
from autograder.checking.expect import (
    as_array,
    as_integer,
    as_number,
    describe,
    expect_array,
    expect_integer,
    expect_number,
    expect_shape,
    expect_that,
    expect_unchanged,
    fail,
)
from autograder.checking.smallest import arrays, inputs, sizes, smallest
from autograder.checking.student import Outcome, Student
from autograder.errors import StudentException, StudentFault
from autograder.worker.wire import Figure, Image, Opaque

__all__ = [
    "Figure",
    "Image",
    "Opaque",
    "Outcome",
    "Student",
    "StudentException",
    "StudentFault",
    "arrays",
    "as_array",
    "as_integer",
    "as_number",
    "charged_once",
    "describe",
    "expect_array",
    "expect_integer",
    "expect_number",
    "expect_shape",
    "expect_that",
    "expect_unchanged",
    "fail",
    "helped",
    "holds",
    "inputs",
    "sizes",
    "smallest",
]
