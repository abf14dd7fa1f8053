"""The usual mistakes: floats from the file, B, G, R, an overflow, an image changed in place, the wrong grey."""

# %% load-rgb
def load_rgb(path):
    return plt.imread(path)  # a PNG arrives as floats from 0 to 1


# %% channel
def channel(image, name):
    return image[:, :, "BGR".index(name)]


# %% show-channels
def show_channels(image):
    fig, axes = plt.subplots(1, 3)
    for ax, name, cmap in zip(axes, "RGB", ["Reds", "Greens", "Blues"]):
        ax.imshow(channel(image, name), cmap=cmap)
    return fig


# %% gray-mean
def gray_mean(image):
    return (image[:, :, 0] + image[:, :, 1] + image[:, :, 2]) / 3


# %% gray-luminosity
def gray_luminosity(image):
    weights = [0.3, 0.59, 0.11]
    for k in range(3):
        image[:, :, k] = weights[k] * image[:, :, k]
    return image[:, :, 0] + image[:, :, 1] + image[:, :, 2]


# %% load-gray
def load_gray(path):
    return gray_mean(io.imread(path))
