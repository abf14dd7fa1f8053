"""Which files of ours answer what Keras would download, for the kernels that have no network.

``keras.json`` in a data folder tells the worker, which knows no data set, by module of Keras: the name of the file that
is asked for, and where in the folder it may lie, the first that is there::

    {"keras.src.datasets.mnist": {"mnist.npz": ["mnist.npz"]}}
"""

from __future__ import annotations

import json
from pathlib import Path

from data.files import replacing

__all__ = ["INDEX", "KERAS_FILES", "write_index"]

INDEX = "keras.json"

_VGG16 = "vgg16_weights_tf_dim_ordering_tf_kernels"

KERAS_FILES: dict[str, dict[str, list[str]]] = {
    "keras.src.datasets.mnist": {"mnist.npz": ["mnist.npz"]},
    # Keras asks for an archive and gets the folder into which it would have been unpacked.
    "keras.src.datasets.cifar10": {"cifar-10-python.tar.gz": ["cifar-10-batches-py/.."]},
    "keras.src.applications.vgg16": {
        f"{_VGG16}.h5": [f"vgg16/{_VGG16}.h5"],
        # There may be a file in another format instead.
        f"{_VGG16}_notop.h5": [f"vgg16/{_VGG16}_notop.h5", "vgg16/vgg16_notop.weights.h5"],
    },
}


def write_index(folder: Path) -> None:
    """Write `INDEX` into a data folder, unless it is there."""
    text = json.dumps(KERAS_FILES, indent=1)
    if (folder / INDEX).is_file() and (folder / INDEX).read_text(encoding="utf-8") == text:
        return
    with replacing(folder / INDEX) as stream:
        stream.write(text.encode())
