"""Does the classifier stand on the base, and do ``freeze`` and ``unfreeze_last_block`` choose what is trained?

The models handed over have VGG16's layers and names with a sixteenth of its filters: nothing asked depends on it.
"""

from functools import lru_cache

import numpy as np
import pytest

from autograder.checking import StudentFault, describe, expect_that, fail
from autograder.judging.architecture import answer, expect_distribution, flat_layers
from data.vgg16 import BLOCK5, KERNEL_SHAPES, structure


@pytest.mark.grade("build-classifier-structure", weight=2)
def test_build_classifier_puts_a_classifier_on_the_base(student, rng):
    """build_classifier devuelve un modelo con todas las capas de la base y, encima, num_classes probabilidades."""
    for base, names in ((_base(), KERNEL_SHAPES), (_last_block(), BLOCK5)):
        classes = int(rng.integers(3, 9))
        model = _classifier(student, base, classes)
        found = [layer.name for layer in flat_layers(model)]
        missing = [name for name in names if name not in found]
        if missing:
            fail(
                f"Al modelo le falta la capa «{missing[0]}» de la base que recibe build_classifier. Usa `base`: no "
                "armes otra red."
            )
        expect_that(
            tuple(model.input_shape) == tuple(base.input_shape),
            f"El modelo debería recibir lo mismo que la base, {base.input_shape}; su entrada es {model.input_shape}.",
        )
        _expect_classes(model, classes)


@pytest.mark.grade("build-classifier-structure")
@pytest.mark.needs("test_build_classifier_puts_a_classifier_on_the_base")
def test_build_classifier_gives_probabilities(student, rng):
    """Las salidas del clasificador son probabilidades: no negativas, y suman 1 (softmax)."""
    classes = int(rng.integers(3, 9))
    model = _classifier(student, _base(), classes)
    outputs = answer(model, np.zeros((1, *model.input_shape[1:]), np.float32))
    expect_distribution(outputs, classes)


@pytest.mark.grade("freeze-base", weight=2)
def test_freeze_fixes_your_own_model(student):
    """Después de freeze, en el modelo de build_classifier ninguna capa de la base se entrena, y el clasificador sí."""
    model = _frozen(student, _own_classifier(student))
    expect_that(
        _trainable(model)[1],
        "Después de freeze tampoco se entrena el clasificador: no queda nada que entrenar. Fija las capas de la "
        "base, no el modelo entero.",
    )


@pytest.mark.grade("freeze-base")
def test_freeze_fixes_the_base_itself(student):
    """freeze también acepta la base sola, y la fija."""
    _frozen(student, _base())


@pytest.mark.grade("freeze-base")
def test_freeze_fixes_a_base_inside_or_spread_out(student):
    """freeze fija la base esté como una sola capa del modelo o con sus capas sueltas."""
    for model in (_nested(), _spread_out()):
        _frozen(student, model)


@pytest.mark.grade("unfreeze-last-block-only", weight=2)
def test_unfreeze_last_block_frees_block_5_of_your_own_model(student):
    """Tras freeze y unfreeze_last_block, en el modelo de build_classifier se entrenan el bloque 5 y el clasificador."""
    model = _unfrozen(student, _own_classifier(student))
    expect_that(
        _trainable(model)[1],
        "Después de unfreeze_last_block no se entrena el clasificador: se entrenan los dos juntos.",
    )


@pytest.mark.grade("unfreeze-last-block-only")
def test_unfreeze_last_block_frees_block_5_of_the_base_itself(student):
    """unfreeze_last_block también acepta la base sola."""
    _unfrozen(student, _base())


@pytest.mark.grade("unfreeze-last-block-only")
def test_unfreeze_last_block_frees_a_base_inside_or_spread_out(student):
    """unfreeze_last_block libera el bloque 5 esté la base como una sola capa o con sus capas sueltas."""
    for model in (_nested(), _spread_out()):
        _unfrozen(student, model)


def _classifier(student, base, classes):
    """Return what the student's ``build_classifier`` makes of a base."""
    model = student.build_classifier(_weighed(base), classes)
    if not hasattr(model, "layers"):
        hint = " ¿Falta un `return`?" if model is None else ""
        fail(f"build_classifier debería devolver un modelo de Keras y devuelve {describe(model)}.{hint}")
    return model


def _own_classifier(student):
    """Return what the student's ``build_classifier`` makes of the base; ours where it is broken."""
    last = student.last
    try:
        model = _classifier(student, _base(), 4)
        if set(KERNEL_SHAPES) <= {layer.name for layer in flat_layers(model)} and _trainable(model)[1]:
            return model
    except StudentFault:
        student.last = last
    student.note("Como tu build_classifier tiene un error, probé con un modelo armado por el corrector.")
    return _nested()


def _expect_classes(model, classes):
    if tuple(model.output_shape) == (None, classes):
        return
    hint = ""
    if len(model.output_shape) == 4:
        hint = " Falta pasar del mapa de características a un vector: Flatten o GlobalAveragePooling2D."
    elif tuple(model.output_shape) == (None, 2):
        hint = " ¿Están fijas dos clases? La cantidad es el argumento `num_classes`."
    fail(f"Con num_classes={classes}, la salida del modelo es {model.output_shape}.{hint}")


@lru_cache(maxsize=1)
def _base():
    """Return the small stand-in for VGG16's base."""
    return structure(thinner=16)


def _weighed(model):
    """Give a model the same weights each time: what is asked again is the same question, and its answer is kept."""
    rng = np.random.default_rng(7)
    for weight in model.weights:
        shape = tuple(weight.shape)
        fan_in = np.prod(shape[:-1])
        weight.assign(rng.normal(0, np.sqrt(2 / fan_in), shape) if len(shape) > 1 else np.zeros(shape))
    return model


@lru_cache(maxsize=1)
def _last_block():
    """Return what stands behind the fourth block, as the notebook's ``split`` makes it."""
    import keras

    base = structure(thinner=16)
    cut = base.get_layer("block4_pool")
    inputs = outputs = keras.Input(cut.output.shape[1:], name="features")
    for layer in base.layers[base.layers.index(cut) + 1 :]:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs, name="vgg16")


@lru_cache(maxsize=1)
def _nested():
    """Return a model in which the base is one layer."""
    import keras

    flatten, dense = keras.layers.Flatten(name="flat"), keras.layers.Dense(3, activation="softmax", name="classifier")
    return keras.Sequential([structure(thinner=16), flatten, dense], name="nested")


@lru_cache(maxsize=1)
def _spread_out():
    """Return a model whose layers are those of the base, and the classifier's."""
    import keras

    base = structure(thinner=16)
    pooled = keras.layers.GlobalAveragePooling2D(name="pooled")(base.outputs[0])
    answer = keras.layers.Dense(3, activation="softmax", name="classifier")(pooled)
    return keras.Model(base.inputs[0], answer, name="spread_out")


def _trainable(model):
    """Return the names of the base's layers that are trained, and whether anything else is."""
    free = {id(weight) for weight in model.trainable_weights}
    trained = {layer.name for layer in flat_layers(model) if any(id(weight) in free for weight in layer.weights)}
    return trained & set(KERNEL_SHAPES), bool(trained - set(KERNEL_SHAPES))


def _after(student, name, model):
    """Return the models that the student's function leaves: the one it got, and the one it returned, if any."""
    outcome = student.call(name, _weighed(model))
    found = [value for value in (outcome.arguments[0], outcome.value) if hasattr(value, "layers")]
    return [value for value in found if set(BLOCK5) <= {layer.name for layer in flat_layers(value)}] or found


def _best(models, wanted):
    """Return the model whose base trains exactly the layers ``wanted``, else the first one."""
    return next((model for model in models if _trainable(model)[0] == wanted), models[0])


def _frozen(student, model):
    model = _best(_after(student, "freeze", model), set())
    left = _trainable(model)[0]
    if left:
        fail(
            f"Después de freeze todavía se entrenan {len(left)} capas de la base, entre ellas «{min(left)}». La base "
            "puede ser el modelo mismo, una de sus capas, o estar con sus capas sueltas: `base_layers(model)` las "
            "encuentra."
        )
    return model


def _frozen_by_somebody(student, model):
    """Return the model after the student's ``freeze``, or frozen by us where that is broken and has cost its points."""
    last = student.last
    try:
        frozen = _frozen(student, model)
        if _trainable(frozen)[1] or not _trainable(model)[1]:
            return frozen
    except StudentFault:
        student.last = last
    student.note("Como tu freeze tiene un error, la base la fijó el corrector.")
    import keras

    ours = keras.models.clone_model(model)
    for layer in flat_layers(ours):
        layer.trainable = layer.name not in KERNEL_SHAPES
    return ours


def _unfrozen(student, model):
    frozen = _frozen_by_somebody(student, model)
    model = _best(_after(student, "unfreeze_last_block", frozen), set(BLOCK5))
    trained = _trainable(model)[0]
    if trained == set(KERNEL_SHAPES):
        fail("Después de unfreeze_last_block se entrenan todas las capas de la base: solo van las del bloque 5.")
    if not trained:
        fail(
            "Después de unfreeze_last_block no se entrena ninguna capa de la base: faltan las del bloque 5. (Cuidado: "
            "`model.trainable = True` no cambia nada si el modelo ya lo tenía en True; ponlo en cada capa.)"
        )
    if trained != set(BLOCK5):
        fail(
            f"Después de unfreeze_last_block se entrenan {', '.join(sorted(trained))}. Tienen que ser las tres capas "
            "convolucionales del bloque 5, y ninguna más de la base."
        )
    return model
