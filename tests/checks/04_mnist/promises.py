"""What `prove` asks of 04: pixels that keep their tone and place, and networks that are what they are called."""

import numpy as np

from autograder.judging.architecture import parameter_count
from autograder.proving.networks import keeps_promise, layer_names
from autograder.proving.promises import Call, Promise


def images(rng, shape=(28, 28)):
    """Return a batch in which every image reaches from black to white."""
    batch = rng.integers(0, 256, (int(rng.integers(1, 6)), *shape)).astype(np.uint8)
    for image in batch:
        image.flat[0], image.flat[-1] = 0, 255
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


def one(also):
    return Promise(lambda rng: Call(), alike=keeps_promise(also), count=1)


def is_mlp(model):
    names = layer_names(model)
    hidden = [layer for layer in model.layers if type(layer).__name__ == "Dense"][:-1]
    return (
        not any("Conv" in name for name in names) and hidden and all(x.activation.__name__ != "linear" for x in hidden)
    )


PROMISES = {
    "preprocess": Promise(images, alike=same_tones, count=20, lists=True),
    "build_softmax": one(lambda model: parameter_count(model) == 7850 and layer_names(model).count("Dense") == 1),
    "build_mlp": one(lambda model: bool(is_mlp(model))),
    "build_cnn": one(lambda model: any("Conv" in name for name in layer_names(model))),
}
