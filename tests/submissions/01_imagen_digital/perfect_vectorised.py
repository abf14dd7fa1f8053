"""Right throughout: NumPy on whole arrays, one figure with three axes."""

# %% load-rgb
def load_rgb(path):
    return io.imread(path)


# %% channel
def channel(image, name):
    return image[..., {"R": 0, "G": 1, "B": 2}[name]]


# %% show-channels
def show_channels(image):
    fig, axes = plt.subplots(3, 1)
    for k, cmap in enumerate(["Reds", "Greens", "Blues"]):
        axes[k].imshow(image[:, :, k], cmap=cmap)
    return fig, axes


# %% gray-mean
def gray_mean(image):
    return np.mean(image, axis=-1)


# %% gray-luminosity
def gray_luminosity(image):
    return np.dot(image[..., :3], [0.3, 0.59, 0.11])


# %% load-gray
def load_gray(path):
    return io.imread(path, as_gray=True)
