"""Are the three networks what their names say?"""

import pytest

from autograder.checking import expect_that, fail
from autograder.judging.architecture import (
    acts_only_in_training,
    expect_model,
    expect_probabilities,
    flat_layers,
    has_convolution,
    hidden_dense_layers,
    is_linear,
    parameter_count,
)

SOFTMAX_LAYERS = {
    *("InputLayer", "Rescaling", "Normalization", "Reshape", "Flatten"),
    *("Dense", "Activation", "Softmax"),
}
SOFTMAX_PARAMETERS = 28 * 28 * 10 + 10


@pytest.mark.grade("build-softmax-structure", weight=2)
def test_softmax_has_a_single_layer(student):
    """build_softmax devuelve una red con una sola capa: sin capas ocultas ni convolucionales."""
    model = build(student, "build_softmax")
    expect_that(not has_convolution(model), "La red softmax no lleva capas convolucionales.")
    hidden = hidden_dense_layers(model)
    expect_that(
        not hidden, f"La red softmax no lleva capas ocultas, y tiene {len(hidden)}: deja solo la de 10 salidas."
    )
    for layer in flat_layers(model):
        name = type(layer).__name__
        fits = name in SOFTMAX_LAYERS or acts_only_in_training(layer)
        expect_that(fits, f"La red softmax es una sola capa Dense; le sobra la capa {name}.")


@pytest.mark.grade("build-softmax-structure")
@pytest.mark.needs("test_softmax_has_a_single_layer")
def test_softmax_has_all_its_parameters(student):
    """La red softmax tiene un peso por píxel y clase, y un sesgo por clase."""
    count = parameter_count(build(student, "build_softmax"))
    if count == SOFTMAX_PARAMETERS - 10:
        fail("A la red softmax le faltan los sesgos (bias): son 10, uno por clase. ¿`use_bias=False`?")
    expect_that(
        count == SOFTMAX_PARAMETERS,
        f"La cantidad de parámetros de la red softmax no es la de la fórmula: tiene {count}. ¿Recibe los 784 píxeles?",
    )


@pytest.mark.grade("build-softmax-structure")
def test_softmax_gives_ten_probabilities(student):
    """La red softmax devuelve 10 probabilidades por imagen."""
    expect_ten_probabilities(build(student, "build_softmax"))


@pytest.mark.grade("build-mlp-structure", weight=2)
def test_mlp_has_a_hidden_layer_and_no_convolution(student):
    """build_mlp devuelve una red con al menos una capa oculta Dense y ninguna convolucional."""
    model = build(student, "build_mlp")
    expect_that(not has_convolution(model), "Un MLP no lleva capas convolucionales: solo Dense.")
    expect_that(
        bool(hidden_dense_layers(model)),
        "Al MLP le falta la capa oculta: agrega al menos una Dense antes de la de 10 salidas.",
    )
    pooled = [type(layer).__name__ for layer in flat_layers(model) if type(layer).__name__.startswith("Global")]
    expect_that(
        not pooled,
        f"Con {''.join(pooled[:1])} el MLP ve un solo número por imagen, y no sus 784 píxeles: usa Flatten.",
    )


@pytest.mark.grade("build-mlp-structure")
@pytest.mark.needs("test_mlp_has_a_hidden_layer_and_no_convolution")
def test_mlp_hidden_layers_are_not_linear(student):
    """Las capas ocultas del MLP tienen una función de activación."""
    model = build(student, "build_mlp")
    for layer in hidden_dense_layers(model):
        if is_linear(model, layer):
            fail(
                f"La capa oculta «{layer.name}» no tiene función de activación: dos capas lineales seguidas equivalen "
                "a una sola. Agrégale, por ejemplo, activation='relu'."
            )


@pytest.mark.grade("build-mlp-structure")
def test_mlp_gives_ten_probabilities(student):
    """El MLP devuelve 10 probabilidades por imagen."""
    expect_ten_probabilities(build(student, "build_mlp"))


@pytest.mark.grade("build-cnn-structure", weight=2)
def test_cnn_has_a_convolution(student):
    """build_cnn devuelve una red con al menos una capa convolucional."""
    model = build(student, "build_cnn")
    expect_that(has_convolution(model), "A la CNN le falta la capa convolucional: agrega al menos una Conv2D.")


@pytest.mark.grade("build-cnn-structure")
def test_cnn_gives_ten_probabilities(student):
    """La CNN devuelve 10 probabilidades por imagen."""
    expect_ten_probabilities(build(student, "build_cnn"))


def build(student, name):
    """Return the model that a builder returns."""
    return expect_model(getattr(student, name)(), name)


def expect_ten_probabilities(model):
    """Fail unless the model takes an image and gives ten numbers that are a distribution."""
    sizes = tuple(model.input_shape[1:]) if isinstance(model.input_shape, tuple) else ()
    expect_that(
        sizes in [(28, 28, 1), (28, 28), (784,)],
        f"La red debería recibir una imagen: (28, 28, 1), (28, 28) o (784,). Su entrada es {model.input_shape}.",
    )
    expect_probabilities(model, sizes, 10)
