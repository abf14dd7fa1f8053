"""Whose work is it: code and networks of a class, compared. Flags and evidence for a person; never a point."""
