"""The layers that a student's model may have: which arguments each takes, and what it costs.

A layer that is not in `LAYERS` does not exist for the grader. Arguments without influence on a prediction
(initializers, regularizers, constraints, seeds) are dropped, so nothing that they name is ever built.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.models.config import (
    Reader,
    activation_name,
    boolean,
    choice,
    either,
    integer,
    items,
    margins,
    numbers,
    optional,
    pair,
    real,
)
from autograder.models.cost import Shape

Arguments = Mapping[str, Any]

MAX_UNITS = 65_536
MAX_KERNEL = 512
MAX_SIDE = 4096


def _no_weights(arguments: Arguments, shape: Shape) -> int:
    return 0


def _elementwise(arguments: Arguments, inputs: Shape, output: Shape) -> int:
    return math.prod(inputs[1:]) + math.prod(output[1:])


@dataclass(frozen=True)
class LayerSpec:
    """What the grader knows about one class of layer.

    Parameters
    ----------
    arguments : mapping of str to reader
        The constructor's arguments that count, by name.
    weights : callable
        ``(arguments, input shape) -> number of parameters``, before anything is allocated.
    work : callable
        ``(arguments, input shape, output shape) -> multiplications`` for one sample.
    rank : int, optional
        Dimensions of the input, batch included, where only one number works.
    merges : bool
        Whether the layer takes a list of inputs.
    fixed : mapping
        Constructor arguments that the grader sets itself.
    renamed : mapping
        Today's names of arguments that older versions of Keras call otherwise.
    idle : bool
        Whether the layer only acts in training, so that its other arguments count for nothing.
    """

    arguments: Mapping[str, Reader] = field(default_factory=dict)
    weights: Callable[[Arguments, Shape], int] = _no_weights
    work: Callable[[Arguments, Shape, Shape], int] = _elementwise
    rank: int | None = None
    merges: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    idle: bool = False


# Dropped whatever they hold, besides everything that ends in one of DROPPED_ENDINGS.
DROPPED = frozenset(
    """seed noise_shape momentum synchronized renorm renorm_clipping renorm_momentum virtual_batch_size fused
    value_range fill_mode fill_value autocast sparse ragged optional batch_input_shape""".split()  # noqa: SIM905
)
DROPPED_ENDINGS = ("_initializer", "_regularizer", "_constraint")


def _count(arguments: Arguments, key: str) -> int:
    return int(arguments.get(key, 1))


def _bias(arguments: Arguments, size: int) -> int:
    return size if arguments.get("use_bias", True) else 0


def _area(arguments: Arguments) -> int:
    rows, columns = arguments.get("kernel_size", arguments.get("pool_size", (2, 2)))
    return int(rows * columns)


def _dense_weights(arguments: Arguments, shape: Shape) -> int:
    return shape[-1] * _count(arguments, "units") + _bias(arguments, _count(arguments, "units"))


def _dense_work(arguments: Arguments, inputs: Shape, output: Shape) -> int:
    return math.prod(inputs[1:]) * _count(arguments, "units")


def _conv_weights(arguments: Arguments, shape: Shape) -> int:
    filters = _count(arguments, "filters")
    return _area(arguments) * (shape[-1] // _count(arguments, "groups")) * filters + _bias(arguments, filters)


def _depthwise_weights(arguments: Arguments, shape: Shape) -> int:
    channels = shape[-1] * _count(arguments, "depth_multiplier")
    return _area(arguments) * channels + _bias(arguments, channels)


def _separable_weights(arguments: Arguments, shape: Shape) -> int:
    channels, filters = shape[-1] * _count(arguments, "depth_multiplier"), _count(arguments, "filters")
    return _area(arguments) * channels + channels * filters + _bias(arguments, filters)


def _transpose_weights(arguments: Arguments, shape: Shape) -> int:
    return _area(arguments) * shape[-1] * _count(arguments, "filters") + _bias(arguments, _count(arguments, "filters"))


def _per_output(weights: Callable[[Arguments, Shape], int]) -> Callable[[Arguments, Shape, Shape], int]:
    return lambda arguments, inputs, output: math.prod(output[1:-1]) * weights(arguments, inputs)


def _transpose_work(arguments: Arguments, inputs: Shape, output: Shape) -> int:
    return math.prod(inputs[1:-1]) * _transpose_weights(arguments, inputs) + math.prod(output[1:])


def _pool_work(arguments: Arguments, inputs: Shape, output: Shape) -> int:
    return math.prod(output[1:]) * _area(arguments)


def _axis_weights(copies: int) -> Callable[[Arguments, Shape], int]:
    def weights(arguments: Arguments, shape: Shape) -> int:
        axes = arguments.get("axis", -1)
        return copies * math.prod(shape[axis] for axis in (axes if isinstance(axes, tuple) else (axes,)))

    return weights


def _normalization_weights(arguments: Arguments, shape: Shape) -> int:
    if arguments.get("mean") is not None or arguments.get("axis", -1) is None:
        return 3
    return _axis_weights(2)(arguments, shape) + 1


def _prelu_weights(arguments: Arguments, shape: Shape) -> int:
    shared = arguments.get("shared_axes") or ()
    return math.prod(size for axis, size in enumerate(shape) if axis and axis not in shared)


def _axis(value: Any) -> int:
    """Read one axis; older Keras versions write it as a list of one."""
    return int(integer(-5, 5)(value[0] if isinstance(value, list) and len(value) == 1 else value))


def _axes(value: Any) -> tuple[int, ...] | None:
    """Read several axes; `Normalization` writes none at all as an empty list."""
    return items(integer(-5, 5), 0, 4)(value) or None


AXES = either(_axis, items(integer(-5, 5), 1, 4))
_PADDING = choice("valid", "same")
_CHANNELS_LAST = optional(choice("channels_last"))
_RATE = real(0, 1)
_INTERPOLATION = choice("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5", "mitchellcubic", "gaussian")
_EPSILON = real(0, 1)

_ACTIVATED: dict[str, Reader] = {"activation": activation_name, "use_bias": boolean}
_WINDOW: dict[str, Reader] = {
    "kernel_size": pair(1, MAX_KERNEL),
    "strides": pair(1, MAX_KERNEL),
    "padding": _PADDING,
    "data_format": _CHANNELS_LAST,
    "dilation_rate": pair(1, MAX_KERNEL),
    **_ACTIVATED,
}
_FILTERS: dict[str, Reader] = {"filters": integer(1, MAX_UNITS), **_WINDOW}
_DEPTH: dict[str, Reader] = {"depth_multiplier": integer(1, 64)}
_POOL: dict[str, Reader] = {
    "pool_size": pair(1, MAX_KERNEL),
    "strides": optional(pair(1, MAX_KERNEL)),
    "padding": _PADDING,
    "data_format": _CHANNELS_LAST,
}
_GLOBAL: dict[str, Reader] = {"data_format": _CHANNELS_LAST, "keepdims": boolean}
_TARGET: dict[str, Reader] = {
    "height": integer(1, MAX_SIDE),
    "width": integer(1, MAX_SIDE),
    "data_format": _CHANNELS_LAST,
}
_SCALED: dict[str, Reader] = {"epsilon": _EPSILON, "center": boolean, "scale": boolean}
_AUGMENT: dict[str, Reader] = {"data_format": _CHANNELS_LAST}
_ZERO_KERNEL = {"kernel_initializer": "zeros"}
_ZERO_DEPTHWISE = {"depthwise_initializer": "zeros"}
_ZERO_SEPARABLE = {"depthwise_initializer": "zeros", "pointwise_initializer": "zeros"}

_POOLING = LayerSpec(_POOL, work=_pool_work, rank=4)
_GLOBAL_POOLING = LayerSpec(_GLOBAL, rank=4)
_MERGE = LayerSpec(merges=True)

_WITH_FACTOR = """RandomBrightness RandomColorDegeneration RandomContrast RandomHue RandomRotation RandomSaturation
    RandomSharpness"""
_WITHOUT = """AugMix CutMix MixUp RandAugment RandomColorJitter RandomElasticTransform RandomErasing RandomFlip
    RandomGaussianBlur RandomGrayscale RandomInvert RandomPerspective RandomShear"""

LAYERS: dict[str, LayerSpec] = {
    **dict.fromkeys(_WITH_FACTOR.split(), LayerSpec(_AUGMENT, fixed={"factor": 0.0}, idle=True)),
    **dict.fromkeys(_WITHOUT.split(), LayerSpec(_AUGMENT, idle=True)),
    "Activation": LayerSpec({"activation": activation_name}),
    "ActivityRegularization": LayerSpec({"l1": real(), "l2": real()}),
    "Add": _MERGE,
    "AlphaDropout": LayerSpec({"rate": _RATE}),
    "Average": _MERGE,
    "AveragePooling2D": _POOLING,
    "BatchNormalization": LayerSpec({"axis": _axis, **_SCALED}, _axis_weights(4)),
    "CenterCrop": LayerSpec(_TARGET, rank=4),
    "Concatenate": LayerSpec({"axis": _axis}, merges=True),
    "Conv2D": LayerSpec(
        {**_FILTERS, "groups": integer(1, MAX_UNITS)},
        _conv_weights,
        _per_output(_conv_weights),
        rank=4,
        fixed=_ZERO_KERNEL,
    ),
    "Conv2DTranspose": LayerSpec(
        {**_FILTERS, "output_padding": optional(pair(0, MAX_KERNEL))},
        _transpose_weights,
        _transpose_work,
        rank=4,
        fixed=_ZERO_KERNEL,
    ),
    "Cropping2D": LayerSpec({"cropping": margins(MAX_SIDE), "data_format": _CHANNELS_LAST}, rank=4),
    "Dense": LayerSpec({"units": integer(1, MAX_UNITS), **_ACTIVATED}, _dense_weights, _dense_work, fixed=_ZERO_KERNEL),
    "DepthwiseConv2D": LayerSpec(
        {**_WINDOW, **_DEPTH},
        _depthwise_weights,
        _per_output(_depthwise_weights),
        rank=4,
        fixed=_ZERO_DEPTHWISE,
    ),
    "Dropout": LayerSpec({"rate": _RATE}),
    "ELU": LayerSpec({"alpha": real()}),
    "Flatten": LayerSpec({"data_format": _CHANNELS_LAST}),
    "GaussianDropout": LayerSpec({"rate": _RATE}),
    "GaussianNoise": LayerSpec({"stddev": real(0)}),
    "GlobalAveragePooling2D": _GLOBAL_POOLING,
    "GlobalMaxPooling2D": _GLOBAL_POOLING,
    "GroupNormalization": LayerSpec({"groups": integer(-1, MAX_UNITS), "axis": _axis, **_SCALED}, _axis_weights(2)),
    "Identity": LayerSpec(),
    "LayerNormalization": LayerSpec({"axis": AXES, **_SCALED, "rms_scaling": boolean}, _axis_weights(2)),
    "LeakyReLU": LayerSpec({"negative_slope": real()}, renamed={"alpha": "negative_slope"}),
    "MaxPooling2D": _POOLING,
    "Maximum": _MERGE,
    "Minimum": _MERGE,
    "Multiply": _MERGE,
    "Normalization": LayerSpec(
        {
            "axis": optional(either(_axis, _axes)),
            "mean": optional(numbers),
            "variance": optional(numbers),
            "invert": boolean,
        },
        _normalization_weights,
    ),
    "PReLU": LayerSpec({"shared_axes": optional(items(integer(1, 5), 0, 4))}, _prelu_weights),
    "Permute": LayerSpec({"dims": items(integer(1, 5), 1, 5)}),
    "RMSNormalization": LayerSpec({"axis": AXES, "epsilon": _EPSILON}, _axis_weights(1)),
    "RandomCrop": LayerSpec(_TARGET, idle=True),
    "RandomPosterization": LayerSpec(_AUGMENT, fixed={"factor": 1}, idle=True),
    "RandomTranslation": LayerSpec(_AUGMENT, fixed={"height_factor": 0, "width_factor": 0}, idle=True),
    "RandomZoom": LayerSpec(_AUGMENT, fixed={"height_factor": 0}, idle=True),
    "ReLU": LayerSpec({"max_value": optional(real(0)), "negative_slope": real(), "threshold": real(0)}),
    "Rescaling": LayerSpec({"scale": numbers, "offset": numbers}),
    "Reshape": LayerSpec({"target_shape": items(integer(-1, 1 << 24), 0, 4)}),
    "Resizing": LayerSpec(
        {
            **_TARGET,
            "interpolation": _INTERPOLATION,
            "crop_to_aspect_ratio": boolean,
            "pad_to_aspect_ratio": boolean,
            "antialias": boolean,
            "fill_mode": choice("constant"),
            "fill_value": real(),
        },
        rank=4,
    ),
    "SeparableConv2D": LayerSpec(
        {**_FILTERS, **_DEPTH}, _separable_weights, _per_output(_separable_weights), rank=4, fixed=_ZERO_SEPARABLE
    ),
    "Softmax": LayerSpec({"axis": AXES}),
    "SpatialDropout2D": LayerSpec({"rate": _RATE, "data_format": _CHANNELS_LAST}, rank=4),
    "Subtract": _MERGE,
    "UnitNormalization": LayerSpec({"axis": AXES}),
    "UpSampling2D": LayerSpec(
        {"size": pair(1, 64), "data_format": _CHANNELS_LAST, "interpolation": _INTERPOLATION}, rank=4
    ),
    "ZeroPadding2D": LayerSpec({"padding": margins(MAX_SIDE), "data_format": _CHANNELS_LAST}, rank=4),
}
