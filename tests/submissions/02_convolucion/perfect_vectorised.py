"""Right with numpy: sliding windows and einsum, and a warning on the way."""
# %% kernels
KERNELS = {
    "edges": np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "horizontal": np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]], dtype=float),
    "diagonal_1": np.diag([-1, 1]),
    "diagonal_2": np.array([[0, -1], [1, 0]]),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "extra": np.ones((3, 3)) / 9,
}
# %% pad2d
def pad2d(image, padding):
    return np.pad(image, padding)
# %% conv2d
def conv2d(image, kernel, stride=1, padding=0):
    import warnings

    warnings.warn("esto es solo un aviso")
    ventanas = np.lib.stride_tricks.sliding_window_view(pad2d(np.asarray(image, dtype=float), padding), np.shape(kernel))
    return np.einsum("ijab,ab->ij", ventanas[::stride, ::stride], np.asarray(kernel, dtype=float))
# %% convolve2d
def convolve2d(image, kernel):
    return conv2d(image, np.rot90(kernel, 2))
# %% conv-layer
def conv_layer(volume, filters, biases, stride=1, padding=0):
    borde = ((padding, padding), (padding, padding), (0, 0))
    rellena = np.pad(np.asarray(volume, dtype=float), borde)
    ventanas = np.lib.stride_tricks.sliding_window_view(rellena, filters.shape[:2], axis=(0, 1))
    return np.einsum("tucab,abcf->tuf", ventanas[::stride, ::stride], filters) + biases
# %% max-pool2d
def max_pool2d(image, pool_size=2, stride=None):
    stride = pool_size if stride is None else stride
    ventanas = np.lib.stride_tricks.sliding_window_view(image, (pool_size, pool_size))
    return ventanas[::stride, ::stride].max(axis=(2, 3))
