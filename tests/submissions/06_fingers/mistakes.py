"""Usual mistakes: the path is split at any `_`, two listings, floats, `//`, five classes, and no saved model."""
# %% label-from-filename
def label_from_filename(name):
    return int(name.split("_")[1][0])
# %% load-images
def load_images(folder):
    nombres = sorted(os.listdir(folder))
    imagenes = np.array([io.imread(os.path.join(folder, nombre)) / 255 * 255 for nombre in nombres])
    etiquetas = sorted(label_from_filename(nombre) if nombre.count("_") == 1 else int(nombre[-6]) for nombre in nombres)
    return imagenes, etiquetas
# %% preprocess
def preprocess(images):
    return images[:, ::2, ::2, None] // 255
# %% build-cnn
def build_cnn():
    return keras.Sequential([
        keras.Input((64, 64, 1)),
        layers.Conv2D(8, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(5, activation="softmax"),
    ])
