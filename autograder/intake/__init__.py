"""From what was handed in to what will run: which submissions there are, what they hold, which cells count."""
