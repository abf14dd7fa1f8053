"""What `prove` asks of 02: any image with any kernel, stride and padding, side 1 included."""

import numpy as np

from autograder.proving.promises import Call, Promise, alike


def numbers(rng, shape, wide=True):
    """Return an array of a random type: bytes if it is an image, whole numbers or decimals, with or without sign."""
    kind = rng.integers(5)
    if kind == 0 and wide:
        return rng.integers(0, 256, shape).astype(np.uint8)
    if kind == 1:
        return rng.integers(-300 if wide else -9, 300 if wide else 10, shape)
    if kind == 2:
        return rng.uniform(-1, 1, shape)
    if kind == 3:
        return rng.uniform(0, 1, shape).astype(np.float32)
    return rng.integers(1, 10, shape)


def side(rng, least=1, most=7):
    return int(rng.integers(least, most + 1))


def options(rng):
    stride, padding = side(rng, 1, 4), side(rng, 0, 3)
    return {"stride": stride, "padding": padding} if rng.random() < 0.8 else {}


def conv2d(rng):
    chosen = options(rng)
    border = 2 * chosen.get("padding", 0)
    shape = side(rng), side(rng)
    size = tuple(side(rng, 1, min(4, length + border)) for length in shape)
    return Call((numbers(rng, shape), numbers(rng, size, wide=False)), chosen)


def convolve2d(rng):
    shape = side(rng), side(rng)
    return Call((numbers(rng, shape), numbers(rng, tuple(side(rng, 1, length) for length in shape), wide=False)))


def conv_layer(rng):
    chosen = options(rng)
    rows, columns, channels, count = side(rng, 1, 6), side(rng, 1, 6), side(rng, 1, 3), side(rng, 1, 3)
    size = side(rng, 1, min(3, min(rows, columns) + 2 * chosen.get("padding", 0)))
    biases = rng.integers(-9, 10, count) if rng.random() < 0.5 else rng.normal(size=count)
    return Call(
        (numbers(rng, (rows, columns, channels)), numbers(rng, (size, size, channels, count), False), biases), chosen
    )


def max_pool2d(rng):
    size = side(rng, 1, 4)
    chosen = [{"pool_size": size, "stride": side(rng, 1, 4)}, {"pool_size": size}, {}][rng.integers(3)]
    least = chosen.get("pool_size", 2)
    return Call((numbers(rng, (side(rng, least, 8), side(rng, least, 8))),), chosen)


def same_kernels(mine, right):
    """Tell whether the five kernels are there; others may be, too."""
    return isinstance(mine, dict) and all(name in mine and alike(mine[name], kernel) for name, kernel in right.items())


PROMISES = {
    "KERNELS": Promise(alike=same_kernels),
    "pad2d": Promise(lambda rng: Call((numbers(rng, (side(rng), side(rng))), side(rng, 0, 3))), lists=True),
    "conv2d": Promise(conv2d, lists=True),
    "convolve2d": Promise(convolve2d, lists=True),
    "conv_layer": Promise(conv_layer, lists=True),
    "max_pool2d": Promise(max_pool2d, lists=True),
}
