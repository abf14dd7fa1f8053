"""What changed a grade: when, from what to what, and why (``docs/history.md``).

- `store`: one SQLite file beside nbgrader's gradebook, which any number of graders may write at once
- `notes`: compares a run's reports with the last ones and writes down what changed
- `causes`: why it changed
- `people`: what people changed in nbgrader's gradebook
- `shown`: changes as a line, a table, CSV
"""
