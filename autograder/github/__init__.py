"""GitHub on both sides: repositories that check themselves for students, and grading a class for the instructor."""
