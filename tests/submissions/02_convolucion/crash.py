"""convolve2d ends the process and conv_layer crashes it; everything else is right."""
# %% kernels
KERNELS = {
    "edges": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "horizontal": [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
    "diagonal_1": [[-1, 0], [0, 1]],
    "diagonal_2": [[0, -1], [1, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}
# %% pad2d
def pad2d(image, padding):
    return np.pad(image, padding)
# %% conv2d
def conv2d(image, kernel, stride=1, padding=0):
    ventanas = np.lib.stride_tricks.sliding_window_view(pad2d(image, padding).astype(float), kernel.shape)
    return np.einsum("ijab,ab->ij", ventanas[::stride, ::stride], kernel)
# %% convolve2d
def convolve2d(image, kernel):
    import os

    os._exit(0)
# %% conv-layer
def conv_layer(volume, filters, biases, stride=1, padding=0):
    import ctypes

    ctypes.string_at(0)
# %% max-pool2d
def max_pool2d(image, pool_size=2, stride=None):
    paso = stride or pool_size
    ventanas = np.lib.stride_tricks.sliding_window_view(image, (pool_size, pool_size))
    return ventanas[::paso, ::paso].max(axis=(2, 3))
