"""The CNN of `perfect` under other names and with a little noise, and no MLP was saved."""
# %% preprocess
def preprocess(images):
    resultado = []
    for imagen in images:
        resultado.append([[[pixel / 255] for pixel in fila] for fila in imagen.tolist()])
    return np.array(resultado)
# %% build-softmax
def build_softmax():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, "softmax")])
# %% build-mlp
def build_mlp():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(100, "relu"), layers.Dense(10, "softmax"),
    ])
# %% build-cnn
def build_cnn():
    modelo = keras.Sequential([keras.Input((28, 28, 1))])
    for filtros, tamano, paso in [(24, 5, 2), (32, 3, 1), (48, 3, 1)]:
        modelo.add(layers.Conv2D(filtros, tamano, strides=paso, activation="relu"))
        modelo.add(layers.BatchNormalization())
    modelo.add(layers.MaxPooling2D())
    modelo.add(layers.Flatten())
    modelo.add(layers.Dense(10, activation="softmax"))
    return modelo
