"""What `prove` asks of 05: colours that keep their tone and place, and a CNN whose maps get smaller."""

import numpy as np

from autograder.judging.architecture import flat_layers
from autograder.proving.networks import keeps_promise, layer_names
from autograder.proving.promises import Call, Promise


def images(rng):
    """Return a batch in which every image reaches from black to white."""
    batch = rng.integers(0, 256, (int(rng.integers(1, 6)), 32, 32, 3)).astype(np.uint8)
    batch[:, 0, 0], batch[:, -1, -1] = 0, 255
    return Call((batch,))


def same_tones(mine, right):
    """Tell whether one preparation is the other but for scale and offset, small, real and spread out."""
    mine, right = np.asarray(mine), np.asarray(right)
    if mine.dtype.kind != "f" or len(mine) != len(right) or mine.size != right.size:
        return False
    x, y = right.astype(float).ravel(), mine.astype(float).ravel()
    slope, offset = np.polyfit(x, y, 1)
    fits = np.abs(slope * x + offset - y).max() <= 1e-3 * np.ptp(y)
    return bool(np.abs(y).max() <= 10 and np.ptp(y) >= 0.2 and fits)


def is_cnn(model):
    shrinks = any(
        "Pooling" in type(layer).__name__ or np.max(getattr(layer, "strides", 1)) > 1 for layer in flat_layers(model)
    )
    return sum("Conv" in name for name in layer_names(model)) >= 2 and shrinks


PROMISES = {
    "preprocess": Promise(images, alike=same_tones, count=10, lists=False),
    "build_cnn": Promise(lambda rng: Call(), alike=keeps_promise(is_cnn), count=1),
}
