"""How good a classifier of images is: its accuracy, its architecture, what ``preprocess`` does, its fingerprint."""
