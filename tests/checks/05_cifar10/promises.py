"""What `prove` asks of 05: colours that keep their tone and place, and a CNN whose maps get smaller."""

import numpy as np

from autograder.judging.architecture import flat_layers
from autograder.proving.networks import keeps_promise, layer_names
from autograder.proving.promises import Call, Promise
from autograder.proving.tones import full_range, same_tones


def images(rng):
    """Return a batch in which every image reaches from black to white."""
    return Call((full_range(rng.integers(0, 256, (int(rng.integers(1, 6)), 32, 32, 3)).astype(np.uint8)),))


def is_cnn(model):
    shrinks = any(
        "Pooling" in type(layer).__name__ or np.max(getattr(layer, "strides", 1)) > 1 for layer in flat_layers(model)
    )
    return sum("Conv" in name for name in layer_names(model)) >= 2 and shrinks


PROMISES = {
    "preprocess": Promise(images, alike=same_tones, count=10, lists=False),
    "build_cnn": Promise(lambda rng: Call(), alike=keeps_promise(is_cnn), count=1),
}
