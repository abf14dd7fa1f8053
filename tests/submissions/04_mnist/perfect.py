"""Right: the three networks well trained, as in the instructor's notebook."""
# %% preprocess
def preprocess(images):
    return images.astype("float32")[..., np.newaxis] / 255
# %% build-softmax
def build_softmax():
    return keras.Sequential([
        keras.Input(shape=(28, 28, 1)),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])
# %% build-mlp
def build_mlp():
    return keras.Sequential([
        keras.Input(shape=(28, 28, 1)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(10, activation="softmax"),
    ])
# %% build-cnn
def build_cnn():
    return keras.Sequential([
        keras.Input(shape=(28, 28, 1)),
        layers.Conv2D(24, kernel_size=5, strides=2, activation="relu"),
        layers.BatchNormalization(momentum=0.9),
        layers.Conv2D(32, kernel_size=3, activation="relu"),
        layers.BatchNormalization(momentum=0.9),
        layers.Conv2D(48, kernel_size=3, activation="relu"),
        layers.BatchNormalization(momentum=0.9),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(10, activation="softmax"),
    ])
