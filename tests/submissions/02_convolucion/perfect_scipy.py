"""Right with scipy and a helper of its own: prints, warns and plots on the way."""
# %% first
import warnings

from scipy import ndimage, signal


def revisar(matriz):
    print("recibí", type(matriz).__name__, matriz.shape)
    warnings.warn("convierto a float64", stacklevel=2)
    return matriz.astype("float64")
# %% kernels
KERNELS = dict(edges=-np.ones((3, 3)), sharpen=np.zeros((3, 3)), comentario="los de la clase")
KERNELS["edges"][1, 1] = 8
KERNELS["horizontal"] = np.outer([1, 0, -1], [1, 1, 1])
KERNELS["diagonal_1"] = np.diag((-1, 1))
KERNELS["diagonal_2"] = np.fliplr(KERNELS["diagonal_1"])
KERNELS["sharpen"][1], KERNELS["sharpen"][:, 1] = -1, -1
KERNELS["sharpen"][1, 1] = 5
# %% pad2d
def pad2d(image, padding):
    return np.pad(revisar(image), padding)
# %% conv2d
def conv2d(image, kernel, stride=1, padding=0):
    return signal.correlate2d(pad2d(image, padding), kernel, mode="valid")[::stride, ::stride]
# %% convolve2d
def convolve2d(image, kernel):
    return signal.convolve2d(revisar(image), kernel, mode="valid")
# %% conv-layer
def conv_layer(volume, filters, biases, stride=1, padding=0):
    rellena = np.pad(revisar(volume), ((padding, padding), (padding, padding), (0, 0)))
    mapas = []
    for filtro, sesgo in zip(np.moveaxis(filters, 3, 0), biases):
        mapa = signal.correlate(rellena, filtro, mode="valid", method="direct")
        mapas.append(mapa[::stride, ::stride, 0] + sesgo)
    return np.dstack(mapas)
# %% max-pool2d
def max_pool2d(image, pool_size=2, stride=None):
    paso = pool_size if stride is None else stride
    maximos = ndimage.maximum_filter(revisar(image), size=pool_size, origin=-(pool_size // 2))
    plt.figure()
    plt.imshow(maximos)
    filas, columnas = image.shape
    return maximos[: filas - pool_size + 1 : paso, : columnas - pool_size + 1 : paso]
