"""The usual mistakes: the kernel flipped, padding on two sides only, bias forgotten, pooling with zeros."""
# %% kernels
KERNELS = {
    "edges": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "horizontal": [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
    "diagonal_1": [[0, -1], [1, 0]],
    "diagonal_2": [[-1, 0], [0, 1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}
# %% pad2d
def pad2d(image, padding):
    return np.pad(image, ((padding, 0), (padding, 0)))
# %% conv2d
def conv2d(image, kernel, stride=1, padding=0):
    image, kernel = np.pad(image, padding).astype(float), np.asarray(kernel)[::-1, ::-1]
    k = kernel.shape[0]
    n = (image.shape[0] - k) // stride + 1
    return np.array([[np.sum(image[i * stride : i * stride + k, j * stride : j * stride + k] * kernel) for j in range(n)] for i in range(n)])
# %% convolve2d
def convolve2d(image, kernel):
    return conv2d(image, np.asarray(kernel)[::-1, ::-1])
# %% conv-layer
def conv_layer(volume, filters, biases, stride=1, padding=0):
    borde = ((padding, padding), (padding, padding), (0, 0))
    ventanas = np.lib.stride_tricks.sliding_window_view(np.pad(volume, borde).astype(float), filters.shape[:2], axis=(0, 1))
    return np.einsum("tucab,abcf->tuf", ventanas[::stride, ::stride], filters)
# %% max-pool2d
def max_pool2d(image, pool_size=2, stride=None):
    stride = stride or pool_size
    alto, ancho = -(-image.shape[0] // stride), -(-image.shape[1] // stride)
    salida = np.zeros((alto, ancho))
    for i in range(alto):
        for j in range(ancho):
            salida[i, j] = max(0, image[i * stride : i * stride + pool_size, j * stride : j * stride + pool_size].max())
    return salida
