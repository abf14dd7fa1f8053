"""What a submission was asked and what it answered, kept so that it can be graded again without running anything.

- `record`: the questions and answers of one submission, in memory
- `files`: such a record as a signed file, and how many of them are kept
"""
