"""What `prove` asks of 04: pixels that keep their tone and place, and networks that are what they are called."""

import numpy as np

from autograder.judging.architecture import answer, parameter_count
from autograder.proving.networks import keeps_promise, layer_names
from autograder.proving.promises import Call, Promise
from autograder.proving.tones import full_range, same_tones


def images(rng, shape=(28, 28)):
    """Return a batch in which every image reaches from black to white."""
    return Call((full_range(rng.integers(0, 256, (int(rng.integers(1, 6)), *shape)).astype(np.uint8)),))


def one(also):
    return Promise(lambda rng: Call(), alike=keeps_promise(also), count=1)


def is_mlp(model):
    """Tell whether a network without convolutions is more than one linear layer: its log-odds are no plane."""
    names = layer_names(model)
    points = np.random.default_rng(0).normal(0, 5, (2, *model.input_shape[1:])).astype("float32")
    batch = np.stack([points[0], points[1], points[0] + points[1], np.zeros_like(points[0])])
    odds = np.log(np.maximum(answer(model, batch).astype(float), 1e-30))
    odds -= odds[:, :1]
    bent = np.abs(odds[0] + odds[1] - odds[2] - odds[3]).max() > 1e-2
    return bool(not any("Conv" in name for name in names) and names.count("Dense") >= 2 and bent)


PROMISES = {
    "preprocess": Promise(images, alike=same_tones, count=20, lists=True),
    "build_softmax": one(lambda model: parameter_count(model) == 7850 and layer_names(model).count("Dense") == 1),
    "build_mlp": one(is_mlp),
    "build_cnn": one(lambda model: any("Conv" in name for name in layer_names(model))),
}
