"""Right in another style: loops, lists returned, prints and warnings, three figures left open and nothing returned."""

# %% first
import warnings

from PIL import Image

warnings.warn("este aviso no debería costar puntos")


# %% load-rgb
def load_rgb(path):
    print("Leyendo", path)
    with Image.open(path) as picture:
        return np.array(picture.convert("RGB"))


# %% channel
def channel(image, name):
    position = "RGB".find(name)
    plane = []
    for row in image:
        plane.append([pixel[position] for pixel in row.tolist()])
    print("canal", name, "con", len(plane), "filas")
    return plane


# %% show-channels
def show_channels(image):
    C = ["Reds", "Greens", "Blues"]
    for p in [0, 1, 2]:
        plt.figure()
        plt.imshow(image[:, :, p], cmap=C[p])
        plt.title("canal " + "RGB"[p])
        plt.show()


# %% gray-mean
def gray_mean(image):
    gray = []
    for i in range(image.shape[0]):
        gray.append([])
        for j in range(image.shape[1]):
            r, g, b = image[i, j]
            gray[i].append((float(r) + float(g) + float(b)) / 3)
    warnings.warn("los bucles son lentos")
    return gray


# %% gray-luminosity
def gray_luminosity(image):
    rows, columns, _ = image.shape
    gray = np.zeros((rows, columns), dtype=np.float32)
    for i in range(rows):
        for j in range(columns):
            gray[i, j] = 0.3 * image[i, j, 0] + 0.59 * image[i, j, 1] + 0.11 * image[i, j, 2]
    return gray


# %% load-gray
def load_gray(path):
    gray = []
    for row in load_rgb(path):
        gray.append([(0.2125 * int(r) + 0.7154 * int(g) + 0.0721 * int(b)) / 255 for r, g, b in row])
    return gray
