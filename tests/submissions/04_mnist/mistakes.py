"""Usual mistakes: `//`, a hidden layer in the softmax network, a linear hidden layer, logits, and no saved model."""
# %% preprocess
def preprocess(images):
    return images // 255
# %% build-softmax
def build_softmax():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])
# %% build-mlp
def build_mlp():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Flatten(),
        layers.Dense(64),
        layers.Dense(10, activation="softmax"),
    ])
# %% build-cnn
def build_cnn():
    modelo = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(8, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10),
    ])
    modelo.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return modelo
