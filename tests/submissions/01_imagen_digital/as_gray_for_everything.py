"""Half of it right; both conversions are scikit-image's grey, and the channels are drawn in grey."""

# %% load-rgb
def load_rgb(path):
    return io.imread(path)


# %% channel
def channel(image, name):
    return image[:, :, "RGB".index(name)].copy()


# %% show-channels
def show_channels(image):
    fig, axes = plt.subplots(1, 3)
    for k in range(3):
        axes[k].imshow(image[:, :, k], cmap="gray")
    return fig


# %% gray-mean
def gray_mean(image):
    from skimage.color import rgb2gray

    return rgb2gray(image)


# %% gray-luminosity
def gray_luminosity(image):
    from skimage.color import rgb2gray

    return rgb2gray(image)


# %% load-gray
def load_gray(path):
    return io.imread(path, as_gray=True)
