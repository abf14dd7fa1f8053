"""The notebook as it was handed out, with nothing written."""
