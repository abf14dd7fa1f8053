"""Trains again what students trained, and holds what they handed in against it. Flags for a person; never a point."""
