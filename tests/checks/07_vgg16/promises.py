"""What `prove` asks of 07: images as VGG16 wants them, the best names first, and a classifier on the whole base."""

import numpy as np

from autograder.judging.architecture import answer, flat_layers, gives_probabilities
from autograder.proving.promises import Call, Promise, alike
from data.vgg16 import structure


def image(rng):
    if rng.random() < 0.5:
        return Call((rng.integers(0, 256, (224, 224, 3)).astype(np.uint8),))
    return Call((rng.uniform(0, 255, (224, 224, 3)).astype(np.float32),))


def same_image(mine, right):
    return np.asarray(mine).dtype.kind == "f" and alike(mine, right)


def probabilities(rng):
    count = int(rng.integers(3, 9))
    values = rng.permutation(np.linspace(1, 3, count)) ** 2
    values = (values / values.sum()).astype([np.float64, np.float32][rng.integers(2)])
    names = [f"clase {number}" for number in rng.permutation(count)]
    chosen = {} if rng.random() < 0.3 else {"n": int(rng.integers(1, count + 1))}
    return Call((values[np.newaxis] if rng.random() < 0.5 else values, names), chosen)


def same_pairs(mine, right):
    pairs = [tuple(pair) for pair in mine]
    return len(pairs) == len(right) and all(
        one[0] == other[0] and alike(one[1], other[1]) for one, other in zip(pairs, right)
    )


def base(rng):
    return Call((structure(thinner=16), int(rng.integers(2, 7))))


def same_classifier(mine, right):
    """Tell whether a model has the whole base, the same input and output, and gives probabilities."""
    if not hasattr(mine, "layers") or mine.input_shape != right.input_shape or mine.output_shape != right.output_shape:
        return False
    names = {layer.name for layer in flat_layers(right) if layer.name.startswith("block")}
    outputs = answer(mine, np.ones((1, *mine.input_shape[1:]), np.float32))
    return names <= {layer.name for layer in flat_layers(mine)} and gives_probabilities(outputs)


PROMISES = {
    "prepare_image": Promise(image, alike=same_image, count=6),
    "top_predictions": Promise(probabilities, alike=same_pairs, count=100),
    "build_classifier": Promise(base, alike=same_classifier, count=2),
}
