"""The released notebook as it is: nothing was written."""
