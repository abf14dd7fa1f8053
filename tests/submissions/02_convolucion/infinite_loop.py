"""conv2d never ends; everything else is right."""
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
    fila, total = 0, 0
    while fila < image.shape[0]:
        total += image[fila, 0] * kernel[0, 0]  # y fila += 1, que falta
    return total
# %% convolve2d
def convolve2d(image, kernel):
    ventanas = np.lib.stride_tricks.sliding_window_view(image.astype(float), np.shape(kernel))
    return np.einsum("ijab,ab->ij", ventanas, kernel[::-1, ::-1])
# %% conv-layer
def conv_layer(volume, filters, biases, stride=1, padding=0):
    rellena = np.pad(volume.astype(float), ((padding, padding), (padding, padding), (0, 0)))
    ventanas = np.lib.stride_tricks.sliding_window_view(rellena, filters.shape[:2], axis=(0, 1))
    return np.einsum("tucab,abcf->tuf", ventanas[::stride, ::stride], filters) + biases
# %% max-pool2d
def max_pool2d(image, pool_size=2, stride=None):
    paso = stride or pool_size
    ventanas = np.lib.stride_tricks.sliding_window_view(image, (pool_size, pool_size))
    return ventanas[::paso, ::paso].max(axis=(2, 3))
