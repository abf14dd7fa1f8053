"""What each kind of flag means, in a sentence, and what to do."""

from __future__ import annotations

from autograder.language import texts_of

__all__ = ["MEANINGS", "meaning"]

_ = texts_of(__name__)

MEANINGS: dict[str, str] = {
    "audited": "Se volvió a entrenar (--audit) y se comparó con lo entregado; el aviso dice qué salió.",
    "cells-turned": "Respuestas que eran texto se ejecutaron como código. No hay que hacer nada; el estudiante lo ve.",
    "data-missing": "Falta un conjunto de datos en esta máquina: tráelo con `python -m data fetch` y corrige de nuevo.",
    "data-sample": "Una exactitud se midió en una muestra: la nota es provisoria. Trae los datos y corrige de nuevo.",
    "equal-models": "Otra entrega tiene un modelo con los mismos pesos. Pregunta a ambos cómo lo entrenaron.",
    "files-dropped": "Había demasiados archivos o eran muy grandes. Mira si falta alguno que la entrega necesite.",
    "grade-cells-changed": "Cambió celdas de comprobación, que nunca se ejecutan. No afecta la nota.",
    "grader-error": "Falló el corrector, no la entrega: sigue la nota anterior. Mira la causa y vuelve a corregir.",
    "kept-better": "Una entrega anterior tenía más puntos y sigue valiendo (--keep-better). No hay que hacer nada.",
    "links-ignored": "Junto al cuaderno había enlaces a otros lugares, que no se siguieron. Pide los archivos mismos.",
    "memorised-test-set": "Un modelo parece conocer las imágenes de prueba. La nota queda; pregunta cómo se entrenó.",
    "missing": "No entregó nada. Escríbele, o espera si tiene prórroga.",
    "model-date": "La fecha de un modelo no va con las de la práctica. Pregunta de quién es y cuándo se entrenó.",
    "model-fingerprint": "La huella de un modelo, para compararla con las de otras entregas. No hay que hacer nada.",
    "model-version": "Otra versión de Keras escribió un modelo. Pregunta en qué máquina se entrenó.",
    "not-reproduced": "Su cuaderno no entrena el modelo que entregó. No es prueba: pregunta cómo lo entrenó.",
    "other-architecture": "Ninguna celda construye la red del modelo que entregó. Pregunta de dónde viene.",
    "other-assignment": "Entregó el cuaderno de otra práctica. Pídele el que corresponde.",
    "record-changed": "Alguien cambió el registro de sus respuestas: no valió y se preguntó de nuevo. Mira quién fue.",
    "similar": "Se parece a otra entrega más de lo que el azar explica. Lee las dos antes de preguntar.",
    "similar-code": "Su código comparte con otro más de lo que el azar explica. Lee los dos antes de preguntar.",
    "timeout": "Algo de su código no terminó a tiempo. Si la máquina estaba muy ocupada, vuelve a corregir.",
    "too-large": "La entrega es demasiado grande para leerla. Pídele que borre las salidas y entregue de nuevo.",
    "trained": "Se corrió el entrenamiento (--train) y se corrigió lo que salió de él.",
    "unknown-assignment": "No se sabe de qué práctica es. Usa --assignment, o pon el cuaderno en su carpeta.",
    "unreadable": "No se pudo leer el cuaderno. Pídele que lo abra en Jupyter, lo guarde y lo entregue de nuevo.",
    "wrong-kernel": "El cuaderno no es de Python 3. Pídele que cambie el kernel y lo entregue de nuevo.",
}
"""By kind, in the language of the course."""


def meaning(kind: str) -> str:
    """Return what a kind of flag means and what to do; empty for a kind of a check's author."""
    return _(MEANINGS[kind]) if kind in MEANINGS else ""
