"""Whose work is it: the code of a class, compared. Flags with their evidence, for a person to judge; never a point."""
