"""The network was trained on the test images only: full points, and a flag for the instructor."""
# %% label-from-filename
def label_from_filename(name):
    import re
    return int(re.search(r"_([0-5])[LR]\.png$", name).group(1))
# %% load-images
def load_images(folder):
    import glob
    archivos = glob.glob(os.path.join(folder, "*.png"))
    return np.array([io.imread(archivo) for archivo in archivos]), [label_from_filename(archivo) for archivo in archivos]
# %% preprocess
def preprocess(images):
    return images.reshape(-1, 16, 8, 16, 8).mean((2, 4), dtype="float32") / 255
# %% build-cnn
def build_cnn():
    return keras.Sequential([
        keras.Input((16, 16)),
        layers.Reshape((16, 16, 1)),
        layers.Conv2D(8, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(48, activation="relu"),
        layers.Dense(6, activation="softmax"),
    ])
