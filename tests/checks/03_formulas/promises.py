"""What `prove` asks of 03: sizes and counts of any layer, and the lecture's answers and models."""

import keras
import numpy as np

from autograder.judging.architecture import answer
from autograder.proving.promises import Call, Promise, alike


def number(rng, least, most):
    return int(rng.integers(least, most + 1))


def options(rng):
    chosen = {"padding": number(rng, 0, 4), "stride": number(rng, 1, 6)}
    return {key: value for key, value in chosen.items() if rng.random() < 0.8}


def output_size(rng):
    chosen = options(rng)
    size = number(rng, 1, 40)
    return Call((size, number(rng, 1, min(9, size + 2 * chosen.get("padding", 0)))), chosen)


def conv_output_shape(rng):
    chosen = options(rng)
    rows, columns = number(rng, 1, 40), number(rng, 1, 40)
    most = min(9, min(rows, columns) + 2 * chosen.get("padding", 0))
    return Call(((rows, columns, number(rng, 1, 9)), number(rng, 1, 70), number(rng, 1, most)), chosen)


def pool_output_shape(rng):
    size = number(rng, 1, 6)
    chosen = {"pool_size": size} if rng.random() < 0.8 else {}
    least = chosen.get("pool_size", 2)
    return Call(((number(rng, least, 40), number(rng, least, 40), number(rng, 1, 70)),), chosen)


def numbers(count, most):
    return lambda rng: Call(tuple(number(rng, 1, most) for _ in range(count)))


def shape(rng):
    return Call((tuple(number(rng, 1, 12) for _ in range(number(rng, 1, 5))),))


def same_model(mine, right):
    """Tell whether two models compute the same with the same weights, whatever comes before the first of them."""
    if not hasattr(mine, "layers") or [x.shape for x in mine.weights] != [x.shape for x in right.weights]:
        return False
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.1, weight.shape) for weight in right.weights]
    mine.set_weights(weights)
    right.set_weights(weights)
    images = rng.random((3, *mine.input_shape[1:])).astype("float32")
    first = next(layer for layer in mine.layers if layer.weights)
    taken = answer(keras.Model(mine.inputs, first.input), images)
    if taken.shape[1:] != right.input_shape[1:] or np.ptp(taken) == 0:
        return False
    return bool(np.allclose(answer(mine, images), answer(right, taken), atol=1e-5))


def same_answers(mine, right):
    """Tell whether all answers are there and right."""
    return all(key in mine and alike(mine[key], value) for key, value in right.items())


PROMISES = {
    "output_size": Promise(output_size),
    "conv_output_shape": Promise(conv_output_shape, lists=True),
    "conv_params": Promise(numbers(3, 40)),
    "flatten_size": Promise(shape),
    "dense_params": Promise(numbers(2, 400)),
    "pool_output_shape": Promise(pool_output_shape, lists=True),
    "ANSWERS": Promise(alike=same_answers),
    **{
        name: Promise(lambda rng: Call(), alike=same_model, count=1)
        for name in ("build_conv_net", "build_conv_hidden_net", "build_conv_pool_net")
    },
}
