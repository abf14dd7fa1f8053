"""Rebuilding models in the trusted process: honest ones exactly, hostile ones never."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import sys
import time
import warnings
import zipfile
from typing import Any

import numpy as np
import pytest

from autograder.course.assignments import ROOT
from autograder.errors import ModelRejected
from autograder.models.rebuild import ModelLimits, batch_size, fill, rebuild, weight_bytes
from autograder.worker.model_file import read_model
from autograder.worker.service import model_parts
from autograder.worker.wire import ModelParts, decode, encode
from tests.helpers.hostile_models import (
    HOSTILE,
    functional,
    honest_layers,
    lambda_as_activation,
    layer,
    sequential,
    table,
    tensor,
    unsafe_mode_switched_on,
)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
# Keras 3.15 and NumPy 2.4 disagree about `__array__` when a model is saved.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, imported once; all weights in these tests are random and seeded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

    keras.utils.set_random_seed(1)
    return keras


@pytest.fixture(scope="module")
def models(keras) -> dict[str, Any]:
    """Honest models in every style that the course knows."""
    layers = keras.layers
    images = np.random.default_rng(1).uniform(0, 255, (20, 12, 12, 1)).astype(np.float32)

    def sequential_model() -> Any:
        return keras.Sequential(
            [
                keras.Input((12, 12, 1)),
                layers.Rescaling(1 / 255),
                layers.RandomRotation(0.1),
                layers.Conv2D(4, 3, padding="same", activation="relu", kernel_regularizer="l2"),
                layers.MaxPooling2D(),
                layers.SeparableConv2D(5, (3, 2), strides=2, use_bias=False),
                layers.Flatten(),
                layers.Dropout(0.3),
                layers.Dense(6, activation="softmax"),
            ],
            name="cnn",
        )

    def residual() -> Any:
        first = keras.Input((12, 12, 1))
        shared = layers.Conv2D(4, 3, padding="same", activation=layers.LeakyReLU(0.2))
        x = layers.Conv2D(4, 1)(first / 255.0)
        x = layers.Add()([x, shared(x)])
        x = layers.BatchNormalization()(shared(x), training=True)
        x = layers.PReLU(shared_axes=[1, 2])(x)
        x = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
        return keras.Model(first, layers.Dense(6, activation="softmax")(keras.activations.tanh(x)))

    def adapted() -> Any:
        normalization = layers.Normalization()
        normalization.adapt(images)
        return keras.Sequential([keras.Input((12, 12, 1)), normalization, layers.Flatten(), layers.Dense(3)])

    def nested() -> Any:
        first = keras.Input((None, None, 1))
        base = keras.Model(
            first, layers.DepthwiseConv2D(3)(layers.Conv2D(4, 3, name="block1_conv1")(first)), name="base"
        )
        base.trainable = False
        base.layers[-1].trainable = True
        image = keras.Input((12, 12, 1))
        both = layers.Average()([base(image), base(layers.RandomFlip()(image))])
        head = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(3)], name="head")
        return keras.Model(image, head(both))

    def mixed() -> Any:
        return keras.Sequential(
            [
                keras.Input((12, 12, 1)),
                layers.Conv2D(4, 3, dtype="mixed_float16"),
                layers.LayerNormalization(dtype="mixed_float16"),
                layers.Flatten(),
                layers.Dense(3, activation="softmax"),
            ]
        )

    def image_base() -> Any:
        base = keras.Sequential([keras.Input((12, 12, 1)), layers.Conv2D(2, 3, dilation_rate=2), layers.ELU()])
        return keras.Sequential([base, layers.Conv2DTranspose(2, 3, strides=2), layers.Flatten(), layers.Dense(3)])

    built = {
        "sequential": sequential_model(),
        "residual": residual(),
        "adapted": adapted(),
        "nested": nested(),
        "mixed": mixed(),
        "base first": image_base(),
    }
    rng = np.random.default_rng(2)
    for model in built.values():  # batch statistics and biases that are not 0 or 1, so that a mix-up would show
        for variable in model.weights:
            if variable.name != "count":
                variable.assign(rng.uniform(0.1, 0.9, variable.shape))
    built["adapted"].layers[0].finalize_state()
    return built


STYLES = ["sequential", "residual", "adapted", "nested", "mixed", "base first"]


def cross(parts: ModelParts) -> ModelParts:
    """Send parts over the wire and back."""
    return decode(*encode(parts))


def same(model: Any, rebuilt: Any) -> None:
    """Assert that two models have the same structure and give the same predictions."""
    x = np.random.default_rng(3).uniform(0, 255, (5, 12, 12, 1)).astype(np.float32)
    tolerance = 3e-3 if any(one.dtype_policy.name == "mixed_float16" for one in model.layers) else 1e-5
    np.testing.assert_allclose(
        rebuilt.predict(x, verbose=0), model.predict(x, verbose=0), rtol=tolerance, atol=tolerance
    )
    assert type(rebuilt) is type(model)
    assert rebuilt.name == model.name
    assert [(one.name, type(one)) for one in rebuilt.layers] == [(one.name, type(one)) for one in model.layers]
    assert [one.output.shape for one in rebuilt.layers] == [one.output.shape for one in model.layers]
    assert [one.shape for one in rebuilt.trainable_weights] == [one.shape for one in model.trainable_weights]
    assert [one.trainable for one in rebuilt.weights] == [one.trainable for one in model.weights]
    assert rebuilt.count_params() == model.count_params()


def rejection(config: Any, weights: Any = None, limits: ModelLimits | None = None) -> ModelRejected:
    """Return the rejection of a configuration."""
    text = config if isinstance(config, str) else json.dumps(config)
    with pytest.raises(ModelRejected) as caught:
        rebuild(ModelParts(text, weights), limits)
    return caught.value


@pytest.mark.parametrize("style", STYLES)
def test_an_honest_model_survives_the_crossing(style, models):
    """Taken apart, sent and rebuilt, a model has the same layers, flags and predictions."""
    same(models[style], rebuild(cross(model_parts(models[style]))))


@pytest.mark.parametrize("style", STYLES)
def test_an_honest_file_is_read_and_rebuilt(style, models, tmp_path):
    """What `model.save` writes is read without Keras and rebuilt."""
    models[style].save(tmp_path / "cnn.keras")
    parts = read_model(tmp_path / "cnn.keras")
    assert isinstance(parts, ModelParts), parts
    assert parts.weights is not None
    assert list(parts.weights) == list(model_parts(models[style]).weights)
    same(models[style], rebuild(cross(parts)))


def rewritten(path, change):
    """Write a saved model again with its configuration changed, as another version of Keras would have written it."""
    with zipfile.ZipFile(path) as old:
        content = {entry.filename: old.read(entry) for entry in old.infolist()}
    config = json.loads(content["config.json"])
    change(config)
    content["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, text in content.items():
            new.writestr(name, text)


def test_groups_of_keras_2_are_read(models, tmp_path):
    """Keras 2 writes `groups: 1` for layers that have no groups; another number means something else."""
    import keras

    first = keras.Input((12, 12, 1))
    x = keras.layers.SeparableConv2D(4, 3)(first)
    x = keras.layers.Conv2DTranspose(2, 3)(keras.layers.DepthwiseConv2D(3)(x))
    model = keras.Model(first, keras.layers.Dense(3)(keras.layers.Flatten()(x)))
    model.save(tmp_path / "cnn.keras")
    for groups in (1, 2):

        def change(config: Any, groups: int = groups) -> None:
            for entry in config["config"]["layers"]:
                if "Conv2D" in entry["class_name"]:
                    entry["config"]["groups"] = groups

        rewritten(tmp_path / "cnn.keras", change)
        parts = read_model(tmp_path / "cnn.keras")
        assert isinstance(parts, ModelParts)
        if groups == 1:
            same(model, rebuild(parts))
        else:
            assert rejection(parts.config).kind == "config"


def test_two_layers_with_one_name_keep_their_own_weights(tmp_path):
    """A layer may have been renamed after it was added, also with one that is called like the next number."""
    import keras

    layers = [keras.Input((12, 12, 1)), keras.layers.Flatten(), *(keras.layers.Dense(3) for _ in range(3))]
    model = keras.Sequential(layers)
    for number, variable in enumerate(model.weights):
        variable.assign(np.full(variable.shape, 0.01 * (number + 1)))
    model.save(tmp_path / "cnn.keras")

    def change(config: Any) -> None:
        for entry, name in zip(config["config"]["layers"][-3:], ("d", "d_1", "d"), strict=True):
            entry["config"]["name"] = name

    rewritten(tmp_path / "cnn.keras", change)
    parts = read_model(tmp_path / "cnn.keras")
    assert isinstance(parts, ModelParts)
    rebuilt = rebuild(cross(parts))
    assert [layer.name for layer in rebuilt.layers[-3:]] == ["d", "d_1", "d_2"]
    x = np.ones((2, 12, 12, 1), np.float32)
    np.testing.assert_allclose(rebuilt.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5)


def test_a_model_is_filled_after_it_was_built(models, tmp_path):
    """The grader asks for the structure first, then for no more weights than it needs."""
    models["sequential"].save(tmp_path / "cnn.keras")
    parts = read_model(tmp_path / "cnn.keras")
    structure = read_model(tmp_path / "cnn.keras", weights=False)
    assert isinstance(parts, ModelParts)
    assert isinstance(structure, ModelParts)
    assert (structure.config, structure.weights) == (parts.config, None)
    model = rebuild(structure)
    assert weight_bytes(model) == sum(array.nbytes for arrays in parts.weights.values() for array in arrays)
    fill(model, parts.weights)
    same(models["sequential"], model)
    with pytest.raises(ModelRejected, match="no incluyen los de la capa"):
        fill(model, {})


def test_structure_alone_needs_no_weights(models):
    """A model that a function just built is judged by its structure; its kernels are zero."""
    rebuilt = rebuild(cross(model_parts(models["sequential"], weights=False)))
    assert rebuilt.count_params() == models["sequential"].count_params()
    assert rebuilt.layers[-1].activation.__name__ == "softmax"
    assert not np.any(rebuilt.layers[-1].kernel.numpy())


def test_a_frozen_base_stays_frozen_but_for_its_last_layer(models):
    """The flags of nested layers survive, though setting a model's flag sets those of all its layers."""
    base = rebuild(model_parts(models["nested"], weights=False)).get_layer("base")
    assert [one.trainable for one in base.layers[1:]] == [False, True]


def test_the_configuration_of_keras_2_is_understood(keras):
    """Older versions name no module, write `batch_input_shape` and plain lists of connections."""
    entries = [
        {
            "class_name": "InputLayer",
            "config": {"batch_input_shape": [None, 12, 12, 1], "dtype": "float32", "name": "i"},
        },
        {"class_name": "BatchNormalization", "config": {"name": "b", "axis": [3], "fused": None}},
        {"class_name": "LeakyReLU", "config": {"name": "l", "alpha": 0.5}},
        {"class_name": "Add", "config": {"name": "a"}},
    ]
    nodes = [[], [[["i", 0, 0, {}]]], [[["b", 0, 0, {}]]], [[["b", 0, 0, {}], ["l", 0, 0, {}]]]]
    for entry, node in zip(entries, nodes):
        entry.update(name=entry["config"]["name"], inbound_nodes=node)
    ends = {"input_layers": [["i", 0, 0]], "output_layers": [["a", 0, 0]]}
    model = rebuild(
        ModelParts(json.dumps({"class_name": "Functional", "config": {"name": "m", "layers": entries, **ends}}))
    )
    assert [one.name for one in model.layers] == ["i", "b", "l", "a"]
    assert model.get_layer("l").negative_slope == 0.5


@pytest.mark.slow
def test_vgg16_is_within_the_limits(keras):
    """The largest model of the course is rebuilt, with and without its top."""
    model = keras.applications.VGG16(weights=None)
    assert rebuild(model_parts(model, weights=False)).count_params() == 138_357_544
    open_sides = keras.applications.VGG16(weights=None, include_top=False)
    assert rebuild(model_parts(open_sides)).count_params() == 14_714_688


def test_the_batch_size_follows_the_largest_output(keras, models):
    """Small networks are evaluated a thousand images at a time, large ones so that memory suffices."""
    assert batch_size(models["sequential"]) == 1024
    image = keras.Input((10, 10, 1))
    grown = keras.Model(image, keras.layers.GlobalMaxPooling2D()(keras.layers.UpSampling2D(50)(image) * 2.0))
    assert batch_size(grown) == (1 << 28) // (4 * 500 * 500)
    assert batch_size(keras.Sequential([keras.Input((10, 10, 1)), grown]), memory=1) == 1


def test_every_argument_that_a_layer_writes_is_known(keras):
    """Each argument in the table is one that the class of Keras has, and none that it writes is unknown."""
    from autograder.models.layers import DROPPED, DROPPED_ENDINGS, LAYERS
    from tests.helpers.architectures import LAYER_ARGUMENTS, Draw

    for name, spec in LAYERS.items():
        draw = Draw(keras, np.random.default_rng(0), (6, 6, 3))
        written = set(getattr(keras.layers, name)(**LAYER_ARGUMENTS[name](draw)).get_config())
        unknown = {key for key in written - set(spec.arguments) - DROPPED if not key.endswith(DROPPED_ENDINGS)}
        assert spec.idle or unknown <= {"name", "trainable", "dtype", "quantization_config"}, name
        assert set(spec.arguments) - written <= {"data_format"}, name


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_does_nothing(name, keras, tmp_path):
    """Each file gets what the table says, nothing of it runs, and no loader of Keras is called."""
    marker, path = tmp_path / "marker", tmp_path / "cnn.keras"
    HOSTILE[name].build(path, marker)
    found = read_model(path)
    if isinstance(found, dict):
        outcome = f"sandbox: {found['kind']}"
    else:
        try:
            model = rebuild(cross(found))
            model.predict(np.zeros((2, 28, 28, 1)), verbose=0)
            outcome = "accepted"
        except ModelRejected as error:
            outcome, found = f"grader: {error.kind}", {"message": str(error)}
    assert outcome == HOSTILE[name].outcome
    assert outcome == "accepted" or 40 < len(found["message"]) < 700
    assert not marker.exists()


def test_the_payload_is_live(keras, tmp_path):
    """The same files do run code in Keras's own loader once it trusts them: the marker is no dud."""
    from tests.helpers.hostile_models import lambda_in_a_nested_model

    marker, path = tmp_path / "marker", tmp_path / "cnn.keras"
    lambda_in_a_nested_model(path, marker)
    keras.saving.load_model(path, compile=False, safe_mode=False)
    assert marker.exists()


def test_no_loader_of_keras_is_called(keras, monkeypatch, tmp_path, models):
    """Rebuilding works with every deserialiser of Keras out of order."""
    from keras.src.saving import saving_lib, serialization_lib

    retrieve = serialization_lib._retrieve_class_or_fn

    def forbidden(*arguments: Any, **keywords: Any) -> None:
        raise AssertionError("a loader of Keras was called on a student's data")

    def own_initializers(name: str, registered_name: Any, module: str, *rest: Any, **keywords: Any) -> Any:
        if module == "keras.initializers" and name in ("Zeros", "Ones", "GlorotUniform"):
            return retrieve(name, registered_name, module, *rest, **keywords)  # a default of Keras's own layers
        return forbidden()

    parts = [model_parts(model) for model in models.values()]
    monkeypatch.setattr(saving_lib, "load_model", forbidden)
    monkeypatch.setattr(keras.Model, "from_config", forbidden)
    monkeypatch.setattr(keras.Sequential, "from_config", forbidden)
    monkeypatch.setattr(keras.layers.Layer, "from_config", forbidden)
    monkeypatch.setattr(serialization_lib, "_retrieve_class_or_fn", own_initializers)
    for part in parts:
        rebuild(part)


def test_the_documentation_shows_the_table_of_hostile_files():
    """`docs/models.md` holds the table that the tests above have proved."""
    assert table() in (ROOT / "docs/models.md").read_text(encoding="utf-8"), table()


def test_importing_the_module_does_not_import_tensorflow():
    """The grader starts without TensorFlow; only a model needs it."""
    code = "import sys, autograder.models.rebuild; print('keras' in sys.modules or 'tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_lambda_layer_is_named_with_its_substitute(keras, tmp_path):
    """The message says which layer, why, and what to use instead."""
    unsafe_mode_switched_on(tmp_path / "cnn.keras", tmp_path / "marker")
    error = rejection(read_model(tmp_path / "cnn.keras").config)
    assert str(error) == (
        "No puedo corregir la capa «switch» de tipo `Lambda`. Una capa Lambda guarda código de Python, y el corrector "
        "nunca ejecuta código guardado dentro de un modelo. Sustitúyela por una capa de Keras: `Rescaling(1/255)` para "
        "dividir, `Activation` para una función, `Reshape` para cambiar la forma; o haz ese cálculo en `preprocess`."
    )


def test_a_lambda_as_activation_is_named_with_its_substitute(keras, tmp_path):
    """The message names the layer and the argument."""
    lambda_as_activation(tmp_path / "cnn.keras", tmp_path / "marker")
    error = rejection(read_model(tmp_path / "cnn.keras").config)
    assert str(error) == (
        "En la capa «run», `activation` es una función propia (o `lambda`); usa el nombre de una de Keras, como 'relu' "
        "o 'softmax'."
    )


def test_a_model_without_input_says_what_to_add(keras):
    """A `Sequential` that never saw data has no shapes to judge."""
    error = rejection(sequential(layer("Dense", "dense", units=3)))
    assert error.kind == "config"
    assert "keras.Input(shape=(28, 28, 1))" in str(error)


@pytest.mark.parametrize(
    ("weights", "clause"),
    [
        ({}, "no incluyen los de la capa «dense»"),
        ({"dense": [np.zeros((784, 10))]}, "traen 1 arreglos para la capa «dense», que necesita 2"),
        ({"dense": [np.zeros((784, 10)), np.zeros(10)], "x": []}, "traen valores para la capa «x»"),
        ({"dense": [np.zeros((784, 9)), np.zeros(10)]}, "tienen en «dense/kernel» la forma (784, 9)"),
        ({"dense": [np.zeros((784, 10), complex), np.zeros(10)]}, "no son números en «dense/kernel»"),
        ({"dense": [np.full((784, 10), "1"), np.zeros(10)]}, "no son números en «dense/kernel»"),
        ({"dense": [np.full((784, 10), np.inf), np.zeros(10)]}, "no son finitos (NaN o infinito) en «dense/kernel»"),
        ({"dense": [np.full((784, 10), 1e300), np.zeros(10)]}, "no son finitos (NaN o infinito) en «dense/kernel»"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights, clause, keras):
    """The message says which array of which layer."""
    error = rejection(sequential(*honest_layers()), weights)
    assert error.kind == "weights"
    assert clause in str(error)


@pytest.mark.parametrize(
    ("limits", "clause"),
    [
        ({"layers": 2}, "tiene más de 2 capas"),
        ({"parameters": 7849}, "suma 7.850 parámetros; el máximo es 7.849"),
        ({"steps": 1}, "aplica capas más de 1 veces por imagen"),
        ({"activations": 784}, "necesita guardar más de 784 valores intermedios por imagen"),
        ({"largest": 783}, "produce en la capa «flatten» 784 valores por imagen"),
        ({"largest_floor": 9, "largest_per_input": 0}, "produce en una sola capa 784 valores por imagen"),
        ({"work": 1000}, "necesita más de 1.000 multiplicaciones por imagen"),
        ({"work_floor": 1000, "work_per_input": 10}, "el máximo es 7.840"),
    ],
)
def test_each_limit_is_kept(limits, clause, keras):
    """The message says which limit, and where it was met."""
    error = rejection(sequential(*honest_layers()), limits=ModelLimits(**limits))
    assert error.kind == "too-large"
    assert clause in str(error)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("", "no es JSON"),
        ("[]", "no describe un modelo"),
        ('{"class_name": NaN}', "no es finito"),
        ('{"a": 1e999}', "no es finito"),
        ('{"a": 12345678901234567890}', "demasiadas cifras"),
        ('{"a": 1, "a": 2}', "repite una clave"),
        ("[" * 100_000, "demasiados niveles"),
        (" " * 4_000_001, "más de 4 MB"),
    ],
)
def test_json_is_read_with_limits(text, clause):
    """Nothing of this reaches Keras."""
    assert clause in str(rejection(text))


@pytest.mark.parametrize(
    ("entries", "output", "clause"),
    [
        ([("a", "images", 1)], "a", "depende de sí misma o de una capa que no existe"),
        ([("a", "ghost", 0)], "a", "depende de sí misma o de una capa que no existe"),
        ([("a", "a", 0)], "a", "depende de sí misma o de una capa que no existe"),
        ([("a", "images", 0), ("a", "images", 0)], "a", "dos capas se llaman «a»"),
        ([("a", "images", 0)], "b", "usa una salida de «b» que no existe"),
        ([("a", "images", -1)], "a", "no nombra capa, llamada y salida"),
        ([("a", "images", True)], "a", "no nombra capa, llamada y salida"),
    ],
)
def test_graphs_that_do_not_hold_together_are_refused(entries, output, clause, keras):
    """Cycles, references to nothing, repeated names."""
    layers = [{**honest_layers()[0], "inbound_nodes": []}]
    for name, source, call in entries:
        node = {"args": [tensor(source, call)], "kwargs": {}}
        layers.append({**layer("Flatten", name), "inbound_nodes": [node]})
    error = rejection(functional(*layers, output=output))
    assert error.kind == "config"
    assert clause in str(error)


def test_repeated_calls_of_nested_models_are_counted(keras):
    """Three levels of models that each call the one below twenty times are eight thousand calls in a few lines."""
    model = sequential(*honest_layers()[:1], layer("Activation", "relu", activation="relu"), name="m0")
    for level in range(1, 4):
        images = {**honest_layers()[0], "inbound_nodes": []}
        source, nodes = "images", []
        for call in range(20):
            nodes.append({"args": [tensor(source, max(0, call - 1))], "kwargs": {}})
            source = f"m{level - 1}"
        nested = {**model, "name": f"m{level - 1}", "inbound_nodes": nodes}
        model = functional(images, nested, output=f"m{level - 1}")
        model["config"]["output_layers"][1] = 19
        model["config"]["name"] = f"m{level}"
    error = rejection(model)
    assert error.kind == "too-large"
    assert "más de 600 veces" in str(error)


JUNK: list[Any] = [
    None, -1, 0, 1, 2, 7, 1000, 10**9, 10**17, 0.5, -2.5, 1e300, "", "x", "relu", "same", "Dense", "Sequential",
    "Functional", "Add", "__lambda__", [], {}, [1], [3, 3], [[1, 1], [2, 2]], True, False, [None, 12, 12, 1],
    ["dense", 0, 0], {"class_name": "Lambda", "config": {}}, "a/b", "é" * 200, [[[[[[1]]]]]],
]  # fmt: skip


def _places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(place for key, part in pairs for place in _places(part, (*path, key)))]


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _mutate(config: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    config = copy.deepcopy(config)
    for _ in range(rng.choice([1, 1, 2, 3])):
        places = _places(config)[1:]
        place = rng.choice(places)
        parent, key = _at(config, place[:-1]), place[-1]
        how = rng.random()
        if how < 0.5:
            parent[key] = copy.deepcopy(rng.choice(JUNK))
        elif how < 0.65:
            del parent[key]
        elif how < 0.8:
            parent[key] = copy.deepcopy(_at(config, rng.choice(places)))
        elif isinstance(parent, list):
            parent.insert(rng.randrange(len(parent) + 1), copy.deepcopy(parent[key]))
        else:
            parent[rng.choice(["axis", "units", "strides"])] = copy.deepcopy(rng.choice(JUNK))
    return config


def test_no_configuration_raises_anything_else(models):
    """Random damage to honest configurations is rebuilt or rejected, quickly; nothing else comes out."""
    parts = [model_parts(model) for model in models.values()]
    configs = [json.loads(part.config) for part in parts]
    rng, kinds, slowest = random.Random(0), [], 0.0
    for _ in range(150):
        number = rng.randrange(len(parts))
        mutant = json.dumps(_mutate(configs[number], rng))
        start = time.process_time()
        try:
            rebuild(ModelParts(mutant, rng.choice([parts[number].weights, None])))
        except ModelRejected as error:
            kinds.append(error.kind)
        slowest = max(slowest, time.process_time() - start)
    assert len(kinds) > 40
    assert set(kinds) <= {"layer", "config", "weights", "too-large"}
    assert slowest < 5


def test_a_small_network_is_rebuilt_in_a_moment(models):
    """About 0.05 s when the machine is idle; the best of five, in CPU time, because it may have other work."""
    parts = model_parts(models["sequential"])

    def seconds() -> float:
        start = time.process_time()
        rebuild(parts)
        return time.process_time() - start

    assert min(seconds() for _ in range(5)) < 0.2
