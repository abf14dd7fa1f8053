"""The Spanish sentences with which a model is refused because of one of its layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.errors import ModelRejected
from autograder.models.config import show

_KNOWN: dict[str, str] = {
    "Lambda": (
        "Una capa Lambda guarda código de Python, y el corrector nunca ejecuta código guardado dentro de un modelo. "
        "Sustitúyela por una capa de Keras: `Rescaling(1/255)` para dividir, `Activation` para una función, "
        "`Reshape` para cambiar la forma; o haz ese cálculo en `preprocess`."
    ),
    "TFSMLayer": (
        "TFSMLayer carga otro modelo desde una carpeta. Entrega un modelo construido con las capas de Keras y "
        "guardado con `model.save('….keras')`."
    ),
    "TorchModuleWrapper": "Entrega un modelo construido con las capas de Keras.",
    "StringLookup": "Esa capa lee un vocabulario de un archivo; una red que clasifica imágenes no la necesita.",
    "IntegerLookup": "Esa capa lee un vocabulario de un archivo; una red que clasifica imágenes no la necesita.",
    "TextVectorization": "Esa capa lee un vocabulario de un archivo; una red que clasifica imágenes no la necesita.",
}


def unknown_layer(entry: Mapping[str, Any]) -> ModelRejected:
    """Refuse a layer that is not on the list, saying what to use instead."""
    config = entry.get("config")
    name = entry.get("name") or (config.get("name") if isinstance(config, dict) else None) or "sin nombre"
    class_name = entry.get("class_name")
    shown = show(class_name) if isinstance(class_name, str) else "desconocido"
    module = entry.get("module", "keras.layers")
    builtin = isinstance(module, str) and (module == "keras" or module.startswith("keras."))
    if builtin and isinstance(class_name, str) and class_name in _KNOWN:
        advice = _KNOWN[class_name]
    elif not builtin or entry.get("registered_name") not in (None, class_name):
        advice = (
            "Es una clase propia o de otra biblioteca, y el corrector solo reconstruye capas incluidas en Keras. "
            "Construye el modelo con `Sequential` o con la API funcional y capas como Conv2D, MaxPooling2D o Dense."
        )
    else:
        advice = (
            "No está entre las capas que el corrector reconstruye. Usa capas para imágenes como Conv2D, MaxPooling2D, "
            "BatchNormalization, Dropout, Flatten o Dense."
        )
    return ModelRejected("layer", f"No puedo corregir la capa «{show(name)}» de tipo `{shown}`. {advice}")


def unknown_model(config: Mapping[str, Any]) -> ModelRejected:
    """Refuse a model that is neither ``Sequential`` nor functional."""
    class_name = config.get("class_name")
    shown = show(class_name) if isinstance(class_name, str) else "desconocido"
    return ModelRejected(
        "layer",
        f"El modelo es de tipo `{shown}`, y solo puedo corregir modelos `Sequential` o funcionales "
        "(`keras.Model(entradas, salidas)`) con capas de Keras. Si escribiste una clase propia, construye la misma red "
        "con `Sequential`.",
    )


def misfit(title: str, clause: str) -> ModelRejected:
    """Refuse a layer that does not fit its arguments or its input."""
    return ModelRejected(
        "config",
        f"No puedo reconstruir {title}: {clause}. Comprueba que el modelo funciona en tu cuaderno y guárdalo de nuevo.",
    )


def unknown_argument(title: str, key: str) -> ModelRejected:
    """Refuse a layer or operation because of an argument that the grader does not know."""
    return ModelRejected(
        "config",
        f"{title} tiene un argumento que no conozco: `{show(key)}`. Usa los argumentos habituales de Keras.",
    )
