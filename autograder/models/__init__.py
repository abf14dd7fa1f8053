"""A saved model, rebuilt here from data: its configuration read, its cost known, its weights set, nothing of it run."""
