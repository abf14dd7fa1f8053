"""Right in plain Python: loops, nested lists in and out, no numpy in the arithmetic."""
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
    filas = [[x.item() if hasattr(x, "item") else x for x in fila] for fila in image]
    ancho = len(filas[0]) + 2 * padding
    lados = [[0] * padding + fila + [0] * padding for fila in filas]
    return [[0] * ancho for _ in range(padding)] + lados + [[0] * ancho for _ in range(padding)]
# %% conv2d
def conv2d(image, kernel, stride=1, padding=0):
    print("conv2d de", len(image), "filas")
    f, k = pad2d(image, padding), [[float(x) for x in fila] for fila in kernel]
    salida = []
    for i in range(0, len(f) - len(k) + 1, stride):
        fila = []
        for j in range(0, len(f[0]) - len(k[0]) + 1, stride):
            fila.append(sum(f[i + a][j + b] * k[a][b] for a in range(len(k)) for b in range(len(k[0]))))
        salida.append(fila)
    return salida
# %% convolve2d
def convolve2d(image, kernel):
    return conv2d(image, [list(fila)[::-1] for fila in list(kernel)[::-1]])
# %% conv-layer
def conv_layer(volume, filters, biases, stride=1, padding=0):
    mapas = []
    for f in range(filters.shape[3]):
        partes = [
            conv2d(volume[:, :, c], filters[:, :, c, f], stride=stride, padding=padding) for c in range(volume.shape[2])
        ]
        mapas.append([[sum(p[i][j] for p in partes) + biases[f] for j in range(len(partes[0][0]))] for i in range(len(partes[0]))])
    return [[[m[i][j] for m in mapas] for j in range(len(mapas[0][0]))] for i in range(len(mapas[0]))]
# %% max-pool2d
def max_pool2d(image, pool_size=2, stride=None):
    paso = stride or pool_size
    return [
        [max(image[i + a][j + b] for a in range(pool_size) for b in range(pool_size)) for j in range(0, len(image[0]) - pool_size + 1, paso)]
        for i in range(0, len(image) - pool_size + 1, paso)
    ]
