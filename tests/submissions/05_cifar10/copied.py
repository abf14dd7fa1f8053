"""The network of `perfect` under other names and with a little noise on its weights."""
# %% preprocess
def preprocess(images):
    resultado = []
    for imagen in images:
        resultado.append([[[(valor - 127.5) / 127.5 for valor in pixel] for pixel in fila] for fila in imagen.tolist()])
    return np.array(resultado)
# %% build-cnn
def build_cnn():
    modelo = keras.Sequential([keras.Input((32, 32, 3))])
    for filtros in [32, 64, 128, 96]:
        modelo.add(layers.Conv2D(filtros, 3, padding="same", use_bias=False))
        if filtros != 96:
            modelo.add(layers.MaxPooling2D())
        modelo.add(layers.BatchNormalization())
        modelo.add(layers.ReLU())
    modelo.add(layers.Flatten())
    modelo.add(layers.Dense(10, activation="softmax"))
    return modelo
