"""What the course is: assignments, notebooks, rules, students. Nothing that students wrote runs here."""
