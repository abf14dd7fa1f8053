"""Right for square images and kernels only: rows and columns are never told apart."""
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
    n = len(image)
    salida = np.zeros((n + 2 * padding, n + 2 * padding))
    salida[padding : padding + n, padding : padding + n] = image
    return salida
# %% conv2d
def conv2d(image, kernel, stride=1, padding=0):
    image = pad2d(image, padding)
    k = len(kernel)
    n = (len(image) - k) // stride + 1
    salida = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            ventana = image[i * stride : i * stride + k, j * stride : j * stride + k]
            salida[i, j] = (ventana * kernel).sum()
    return salida
# %% convolve2d
def convolve2d(image, kernel):
    return conv2d(image, np.flip(kernel))
# %% conv-layer
def conv_layer(volume, filters, biases, stride=1, padding=0):
    mapas = []
    for f in range(len(biases)):
        partes = [conv2d(volume[:, :, c], filters[:, :, c, f], stride, padding) for c in range(volume.shape[2])]
        mapas.append(sum(partes) + biases[f])
    return np.stack(mapas, axis=2)
# %% max-pool2d
def max_pool2d(image, pool_size=2, stride=None):
    paso = stride or pool_size
    n = (len(image) - pool_size) // paso + 1
    salida = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            salida[i, j] = image[i * paso : i * paso + pool_size, j * paso : j * paso + pool_size].max()
    return salida
