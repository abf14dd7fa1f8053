"""Right in another style: os.listdir and lists, Pillow, grey levels scaled by the network itself."""
# %% label-from-filename
def label_from_filename(name):
    final = os.path.basename(name).split("_")[-1]
    for dedos in range(6):
        if final in (f"{dedos}L.png", f"{dedos}R.png"):
            return np.int64(dedos)
# %% load-images
def load_images(folder):
    from PIL import Image
    imagenes, etiquetas = [], []
    for archivo in os.listdir(folder):
        if archivo.endswith(".png"):
            imagenes.append(np.array(Image.open(os.path.join(folder, archivo))))
            etiquetas.append(label_from_filename(os.path.join(folder, archivo)))
    print(len(imagenes), "imágenes")
    return imagenes, etiquetas
# %% preprocess
def preprocess(images):
    from PIL import Image
    reducidas = [np.asarray(Image.fromarray(imagen).resize((48, 48))) for imagen in images]
    return np.array(reducidas)[:, :, :, None]
# %% build-cnn
def build_cnn():
    entrada = keras.Input(shape=(48, 48, 1))
    x = layers.Rescaling(1 / 127.5, offset=-1)(entrada)
    for filtros in (8, 16, 32):
        x = layers.Conv2D(filtros, 3, activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    return keras.Model(entrada, layers.Dense(6, activation="softmax")(x))
