"""The photograph of the notebook, as VGG16 takes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["photograph"]


def photograph() -> np.ndarray:
    """Return the photograph as uint8 (224, 224, 3)."""
    with Image.open(Path(__file__).parents[3] / "source" / "07_vgg16" / "gato.jpg") as image:
        return np.asarray(image.convert("RGB").resize((224, 224)))
