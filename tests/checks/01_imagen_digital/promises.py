"""What `prove` asks of 01: images of any type and size, files, and figures that show what they should."""

import numpy as np
from skimage import io

from autograder.proving.promises import Call, Promise, alike


def image(rng):
    """Return an image (H, W, 3) of bytes, whole numbers or decimals, one row or column included."""
    shape = int(rng.integers(1, 7)), int(rng.integers(1, 7)), 3
    kind = rng.integers(4)
    if kind == 0:
        return rng.integers(0, 256, shape).astype(np.uint8)
    if kind == 1:
        return rng.integers(0, 256, shape)
    return rng.uniform(0, 1, shape) if kind == 2 else rng.uniform(0, 255, shape).astype(np.float32)


def file(rng):
    """Write an image and return its path."""
    name = f"imagen_{rng.integers(10**9)}.png"
    pixels = rng.integers(0, 256, (int(rng.integers(2, 7)), int(rng.integers(5, 9)), 3)).astype(np.uint8)
    io.imsave(name, pixels, check_contrast=False)
    return Call((name,))


def same_bytes(mine, right):
    """Tell whether a file was read as it is; a list of whole numbers is as good as bytes."""
    return alike(mine, right) and (isinstance(mine, list) or np.asarray(mine).dtype == np.uint8)


def same_pictures(mine, right):
    """Tell whether two figures show the same planes in the same colours; open figures count if nothing came back."""
    import matplotlib.pyplot as plt

    def shown(value):
        figures = [plt.figure(number) for number in plt.get_fignums()]
        figures = [value] if hasattr(value, "axes") and not hasattr(value, "imshow") else figures
        images = [one for figure in figures for axes in figure.axes for one in axes.images]
        planes = [(one.get_cmap().name, np.asarray(one.get_array(), dtype=float)) for one in images]
        # A colour map looks the same from 0 to 1 and from 0 to 255.
        return {name: plane / max(np.abs(plane).max(), 1e-9) for name, plane in planes if plane.ndim == 2}

    try:
        found, wanted = shown(mine), shown(right)
        return all(name in found and alike(found[name], plane) for name, plane in wanted.items())
    finally:
        plt.close("all")


PROMISES = {
    "load_rgb": Promise(file, alike=same_bytes, count=20, lists=True),
    "load_gray": Promise(file, count=20, lists=True),
    "channel": Promise(lambda rng: Call((image(rng), "RGB"[rng.integers(3)])), lists=True),
    "show_channels": Promise(lambda rng: Call((image(rng),)), alike=same_pictures, count=6),
    "gray_mean": Promise(lambda rng: Call((image(rng),)), lists=True),
    "gray_luminosity": Promise(lambda rng: Call((image(rng),)), lists=True),
}
