"""The data sets of ``keras.datasets`` that a notebook loads, fetched before it runs: the sandbox has no network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from autograder.worker.datasets import FILES

__all__ = ["fetch_datasets"]

# Where Keras unpacks a data set, if that is not where the sandbox looks for it: the link to make, and where it leads.
_FOLDERS = {"cifar10": ("cifar-10-batches-py", "cifar-10-batches-py-target/cifar-10-batches-py")}
_LOADS = re.compile(r"keras\.datasets\.(\w+)\.load_data")
_FETCH = "import sys, keras; getattr(keras.datasets, sys.argv[1]).load_data()"


def fetch_datasets(source: str) -> Path | None:
    """Let Keras download what a notebook loads, where it is not there already.

    Parameters
    ----------
    source : str
        The text of the notebook.

    Returns
    -------
    Path or None
        Keras's folder of data sets, to be shown to the notebook; None if it loads none. A download that fails leaves
        the notebook without its data, and the cell that loads them says so.
    """
    names = sorted(set(_LOADS.findall(source)) & set(FILES))
    if not names:
        return None
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if not all((folder / file).exists() for file in FILES[name].values()):
            environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
            subprocess.run([sys.executable, "-c", _FETCH, name], env=environment, check=False)
            link, target = _FOLDERS.get(name, ("", ""))
            if link and not (folder / link).exists() and (folder / target).is_dir():
                (folder / link).symlink_to(target)
    return folder
