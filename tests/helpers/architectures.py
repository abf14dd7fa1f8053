"""Random Keras models over every layer and operation that the grader rebuilds.

`random_model` draws one: sequential, functional with branches and shared layers, or with models nested in it. Every
argument that changes a prediction takes several values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograder.models.layers import LAYERS
from autograder.models.operations import OPERATIONS

__all__ = ["LAYER_ARGUMENTS", "OPERATION_CALLS", "STYLES", "random_model", "targets"]

STYLES = ("sequential", "functional", "nested", "shared")

_ACTIVATIONS = (
    *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish", "mish", "softmax"),
    *("log_softmax", "sigmoid", "log_sigmoid", "tanh", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh"),
    *("soft_shrink", "softplus", "softsign", "squareplus", "hard_shrink", "tanh_shrink", "sparse_plus", "sparsemax"),
)
_RESAMPLING = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")

Shape = tuple[int, ...]


class Draw:
    """Random choices for the arguments of layers that take inputs of one shape (without the batch)."""

    def __init__(self, keras: Any, rng: np.random.Generator, shape: Shape) -> None:
        self.keras, self.rng, self.shape = keras, rng, shape

    def one(self, *values: Any) -> Any:
        return values[int(self.rng.integers(len(values)))]

    def whole(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def number(self, low: float = 0.1, high: float = 0.9) -> float:
        return round(float(self.rng.uniform(low, high)), 3)

    def pair(self, low: int, high: int) -> Any:
        return self.one(self.whole(low, high), (self.whole(low, high), self.whole(low, high)))

    def activation(self) -> Any:
        layers = self.keras.layers
        return self.one(
            self.one(*_ACTIVATIONS),
            self.one(*_ACTIVATIONS),
            layers.LeakyReLU(self.number()),
            layers.ELU(self.number()),
            layers.ReLU(self.number(1, 3), self.number(), self.number()),
            layers.Softmax(),
        )

    def window(self) -> dict[str, Any]:
        padding = self.one("valid", "same")
        return {"kernel_size": self.pair(1, 3), "padding": padding, **self.steps(), **self.activated()}

    def steps(self) -> dict[str, Any]:
        return self.one({}, {"strides": self.whole(1, 2)}, {"dilation_rate": self.pair(1, 2)})

    def activated(self) -> dict[str, Any]:
        return {"activation": self.activation(), "use_bias": self.one(True, True, False)}

    def pool(self) -> dict[str, Any]:
        return {
            "pool_size": self.pair(1, 3),
            "strides": self.one(None, 1, 2, (2, 1)),
            "padding": self.one("valid", "same"),
        }

    def target(self) -> dict[str, Any]:
        return {"height": self.whole(2, 14), "width": self.whole(2, 14)}

    def scaled(self) -> dict[str, Any]:
        return {"epsilon": self.one(1e-3, 0.1), "center": self.one(True, False), "scale": self.one(True, False)}

    def axis(self) -> int:
        return self.one(-1, -1, self.whole(1, len(self.shape)))

    def axes(self) -> Any:
        return self.one(-1, list(range(1, len(self.shape) + 1)), [self.whole(1, len(self.shape))])

    def groups(self) -> int:
        return self.one(*(count for count in (1, 2, 3, 4, 6) if self.shape[-1] % count == 0))

    def reshaped(self) -> Shape:
        size = int(np.prod(self.shape))
        factors = [count for count in range(2, 9) if size % count == 0]
        return self.one((size,), (-1,), self.shape[::-1], *((count, -1) for count in factors))

    def statistics(self) -> dict[str, Any]:
        """Arguments of ``Normalization``; without mean and variance they become weights."""
        axis = self.one(None, -1, -1, self.whole(1, len(self.shape)))
        count = 1 if axis is None else self.shape[axis - 1 if axis > 0 else -1]
        mean, variance = self.rng.uniform(-1, 1, count), self.rng.uniform(0.5, 2, count)
        given = {} if self.one(True, False) else {"mean": mean.tolist(), "variance": variance.tolist()}
        if given and count == 1:
            given = {key: value[0] for key, value in given.items()}
        return {"axis": axis, "invert": self.one(True, False, False), **given}


def _nothing(draw: Draw) -> dict[str, Any]:
    return {}


def _factor(draw: Draw) -> dict[str, Any]:
    return {"factor": draw.number()}


_FACTORS = "RandomBrightness RandomContrast RandomRotation RandomColorDegeneration RandomHue"

LAYER_ARGUMENTS: Mapping[str, Callable[[Draw], dict[str, Any]]] = {
    **dict.fromkeys(LAYERS, _nothing),
    **dict.fromkeys([*_FACTORS.split(), "RandomSaturation", "RandomSharpness"], _factor),
    **dict.fromkeys(("Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout2D"), lambda d: {"rate": d.number()}),
    **dict.fromkeys(("AveragePooling2D", "MaxPooling2D"), Draw.pool),
    **dict.fromkeys(("GlobalAveragePooling2D", "GlobalMaxPooling2D"), lambda d: {"keepdims": d.one(True, False)}),
    "Activation": lambda d: {"activation": d.activation()},
    "ActivityRegularization": lambda d: {"l1": d.number()},
    "BatchNormalization": lambda d: {"axis": d.axis(), **d.scaled()},
    "CenterCrop": Draw.target,
    "Concatenate": lambda d: {"axis": d.axis()},
    "Conv2D": lambda d: {"filters": 6, "groups": d.one(1, d.groups()), **d.window()},
    "Conv2DTranspose": lambda d: {"filters": 2, **d.window(), **d.one({}, {"strides": 3, "output_padding": 1})},
    "Cropping2D": lambda d: {"cropping": d.one(1, (1, 0), ((0, 1), (1, 2)))},
    "Dense": lambda d: {"units": d.whole(2, 6), **d.activated()},
    "DepthwiseConv2D": lambda d: {"depth_multiplier": d.whole(1, 2), **d.window()},
    "ELU": lambda d: {"alpha": d.number()},
    "GaussianNoise": lambda d: {"stddev": d.number()},
    "GroupNormalization": lambda d: {"groups": d.one(-1, d.groups()), **d.scaled()},
    "LayerNormalization": lambda d: {"axis": d.axes(), "rms_scaling": d.one(True, False), **d.scaled()},
    "LeakyReLU": lambda d: {"negative_slope": d.number()},
    "Normalization": Draw.statistics,
    "PReLU": lambda d: {"shared_axes": d.one(None, list(range(1, len(d.shape) + 1))[: len(d.shape) - 1 or 1])},
    "Permute": lambda d: {"dims": tuple((d.rng.permutation(len(d.shape)) + 1).tolist())},
    # Along one inner axis alone Keras 3.15 multiplies by a scale of another shape: such a model answers nothing.
    "RMSNormalization": lambda d: {"axis": d.one(-1, list(range(1, len(d.shape) + 1))), "epsilon": d.one(1e-3, 0.1)},
    "RandomCrop": lambda d: {"height": d.shape[0], "width": d.shape[1]},
    "RandomPosterization": lambda d: {"factor": d.whole(1, 8)},
    "RandomFlip": lambda d: {"mode": d.one("horizontal", "vertical")},
    "RandomShear": lambda d: {"x_factor": d.number(), "y_factor": d.number()},
    "RandomTranslation": lambda d: {"height_factor": d.number(), "width_factor": (-0.1, 0.2)},
    "RandomZoom": lambda d: {"height_factor": d.number()},
    "ReLU": lambda d: {"max_value": d.one(None, d.number(1, 3)), "negative_slope": d.number(), "threshold": d.number()},
    "Rescaling": lambda d: {
        "scale": d.one(1 / 255, 2, d.rng.uniform(size=d.shape[-1:]).tolist()),
        "offset": d.one(0.0, -1, [0.5]),
    },
    "Reshape": lambda d: {"target_shape": d.reshaped()},
    "Resizing": lambda d: {
        **d.target(),
        "interpolation": d.one(*_RESAMPLING),
        "antialias": d.one(True, False),
        **d.one({}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, "fill_value": d.number(0, 2)}),
    },
    "SeparableConv2D": lambda d: {"filters": 4, "depth_multiplier": d.whole(1, 2), **d.window()},
    "Softmax": lambda d: {"axis": d.axis()},
    "UnitNormalization": lambda d: {"axis": d.axes()},
    "UpSampling2D": lambda d: {"size": d.pair(1, 2), "interpolation": d.one("nearest", "bilinear", "bicubic")},
    "ZeroPadding2D": lambda d: {"padding": d.one(1, (1, 0), ((0, 1), (1, 2)))},
}

_ARITHMETIC = ("Add", "Subtract", "Multiply", "TrueDivide", "Maximum", "Minimum")
_FUNCTIONS = {"Elu": "alpha", "Celu": "alpha", "LeakyRelu": "negative_slope", "SoftShrink": "threshold"}


def _function(name: str) -> Callable[[Draw, Any], Any]:
    def call(draw: Draw, x: Any) -> Any:
        function, argument = OPERATIONS[name].function, _FUNCTIONS.get(name)
        return getattr(draw.keras.ops, function)(x, **({argument: draw.number()} if argument else {}))

    return call


def _arithmetic(name: str) -> Callable[[Draw, Any], Any]:
    def call(draw: Draw, x: Any) -> Any:
        function = getattr(draw.keras.ops, OPERATIONS[name].function)
        other = draw.one(3, -1, 0.5, 255.0, draw.rng.uniform(1, 2, draw.shape[-1:]).astype(np.float32))
        return draw.one(function(x, other), function(other, x)) if name != "TrueDivide" else function(x, other)

    return call


OPERATION_CALLS: Mapping[str, Callable[[Draw, Any], Any]] = {
    **{name: _function(name) for name in OPERATIONS},
    **{name: _arithmetic(name) for name in _ARITHMETIC},
    "Clip": lambda d, x: d.keras.ops.clip(x, d.number(-1, 0), d.number(0.5, 1)),
    "Gelu": lambda d, x: d.keras.ops.gelu(x, approximate=d.one(True, False)),
    "HardShrink": lambda d, x: d.keras.ops.hard_shrink(x, d.number()),
    "LogSoftmax": lambda d, x: d.keras.ops.log_softmax(x, axis=d.axis()),
    "Power": lambda d, x: x**2,
    "ReLU": lambda d, x: d.keras.activations.relu(x, d.number(), d.number(1, 3), d.number()),
    "Softmax": lambda d, x: d.keras.ops.softmax(x, axis=d.axis()),
    "Sparsemax": lambda d, x: d.keras.ops.sparsemax(x),
    "Sqrt": lambda d, x: d.keras.ops.sqrt(d.keras.ops.absolute(x)),
    "Squareplus": lambda d, x: d.keras.ops.squareplus(x, d.whole(1, 5)),
}


def targets() -> list[str]:
    """Return every layer and operation; a model for each of them in turn leaves none out."""
    return [*LAYER_ARGUMENTS, *(f"ops.{name}" for name in OPERATION_CALLS)]


def random_model(keras: Any, seed: int, style: str, target: str) -> Any:
    """Return a model with random weights that holds ``target``, one of `targets`, unless that fits nowhere in it."""
    rng = np.random.default_rng(seed)
    shape = _input_shape(rng, target)
    if style == "sequential" and not target.startswith("ops.") and not LAYERS[target].merges:
        image = keras.Input(shape)
        steps = list(_chain(keras, rng, image, target))
        model = keras.Sequential([keras.Input(shape), *steps])
    else:
        dtype = "uint8" if target.startswith("ops.") and rng.random() < 0.15 else "float32"
        image = keras.Input(shape, dtype=dtype)
        model = keras.Model(image, _graph(keras, rng, image, style, target))
    for variable in model.weights:
        if variable.dtype.startswith("float"):  # batch statistics are positive, and a mix-up of two arrays shows
            variable.assign(rng.uniform(0.2, 0.9, variable.shape) * (1 if "var" in variable.name else _sign(rng)))
    for layer in _leaves(model):
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    return model


def _sign(rng: np.random.Generator) -> int:
    return 1 if rng.random() < 0.6 else -1


def _leaves(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _leaves(layer)
        else:
            yield layer


def _input_shape(rng: np.random.Generator, target: str) -> Shape:
    images: list[Shape] = [(12, 12, 1), (9, 14, 3), (8, 8, 6), (10, 10, 2)]
    row = LAYERS.get(target)
    if row is not None and row.idle:
        return images[1]
    if row is None or row.rank is None:
        images += [(11, 8), (40,), (3072,)]
    return images[int(rng.integers(len(images)))]


def _chain(keras: Any, rng: np.random.Generator, tensor: Any, target: str, length: int = 4) -> Iterator[Any]:
    """Yield layers that fit one after the other; ``target`` comes as early as it fits."""
    done = False
    for _ in range(length):
        layer, tensor, done = _next(keras, rng, tensor, target, done)
        yield layer
    layer, tensor, done = _next(keras, rng, tensor, target, done)
    yield layer
    yield keras.layers.Flatten()
    yield keras.layers.Dense(4, activation="softmax")


_COMMON = ("Conv2D", "MaxPooling2D", "Dense", "BatchNormalization", "Activation", "Dropout", "Reshape", "ReLU")


def _next(keras: Any, rng: np.random.Generator, tensor: Any, target: str, done: bool) -> tuple[Any, Any, bool]:
    """Return a layer for ``tensor``, what it makes of it, and whether the target is built in by now."""
    names = [] if done or target.startswith("ops.") or LAYERS[target].merges else [target]
    names += [str(name) for name in rng.choice(_COMMON, 4)]
    for name in names:
        try:
            layer = _layer(keras, rng, name, tensor)
            return layer, layer(tensor), done or name == target
        except (ValueError, TypeError, IndexError, ZeroDivisionError):  # the layer does not fit this tensor
            continue
    layer = keras.layers.Identity()
    return layer, layer(tensor), done


def _layer(keras: Any, rng: np.random.Generator, name: str, tensor: Any) -> Any:
    shape = tuple(tensor.shape[1:])
    if (LAYERS[name].rank == 4 or LAYERS[name].idle) and len(shape) != 3:
        raise ValueError("for images only")
    layer = getattr(keras.layers, name)(**LAYER_ARGUMENTS[name](Draw(keras, rng, shape)))
    outputs = layer.compute_output_shape((1, *shape))
    if any(side < 1 or side > 5000 for side in outputs) or int(np.prod(outputs)) > 20_000:
        raise ValueError("too small or too large")
    return layer


def _graph(keras: Any, rng: np.random.Generator, image: Any, style: str, target: str) -> Any:
    layers = keras.layers
    tensor, done = image / 2 if image.dtype == "uint8" else image, False
    for step in range(4):
        if target.startswith("ops.") and not done:
            tensor, done = OPERATION_CALLS[target[4:]](Draw(keras, rng, tuple(tensor.shape[1:])), tensor), True
        elif not done and not target.startswith("ops.") and LAYERS[target].merges:
            others = [layers.Activation("tanh")(tensor), layers.Dense(int(tensor.shape[-1]))(tensor)]
            arguments = LAYER_ARGUMENTS[target](Draw(keras, rng, tuple(tensor.shape[1:])))
            count = 2 if target == "Subtract" else 3
            tensor, done = getattr(layers, target)(**arguments)([tensor, *others][:count]), True
        elif style == "nested" and step in (1, 2):
            tensor = _nested(keras, rng, tensor, target, step)
            done = True
        else:
            layer, tensor, done = _next(keras, rng, tensor, target, done)
            if style == "shared" and step:
                with_it = layers.Activation("softsign")(tensor)
                try:
                    tensor = layers.Average()([layer(with_it), tensor])
                except ValueError:  # it changes the shape: shared elsewhere
                    tensor = layers.Maximum()([layer(t) for t in (layer._inbound_nodes[0].input_tensors[0],) * 2])
    return layers.Dense(3, activation="softmax")(layers.Flatten()(tensor))


def _nested(keras: Any, rng: np.random.Generator, tensor: Any, target: str, step: int) -> Any:
    """Put a model into the graph, called once or twice."""
    inner = keras.Input(tuple(tensor.shape[1:]))
    first, middle, done = _next(keras, rng, inner, target, False)
    second, outer, _ = _next(keras, rng, middle, target, done)
    model = keras.Sequential([first, second]) if step == 1 else keras.Model(inner, keras.ops.tanh(outer))
    if rng.random() < 0.5:
        return model(tensor)
    return keras.layers.Add()([model(tensor), model(keras.layers.Activation("tanh")(tensor))])
