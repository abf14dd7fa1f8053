"""Nothing was saved: two of the networks train in seconds where the grader is asked to run training cells."""
# %% preprocess
def preprocess(images):
    return images.astype("float32") / 255
# %% build-softmax
def build_softmax():
    return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
# %% train-softmax
red = build_softmax()
red.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
histories["softmax"] = red.fit(preprocess(x_train), y_train, epochs=3, batch_size=128, verbose=2).history
red.save("models/softmax.keras")
# %% build-mlp
def build_mlp():
    return keras.Sequential([
        keras.Input((28, 28)),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])
# %% train-mlp
red = build_mlp()
red.compile(optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
histories["mlp"] = red.fit(preprocess(x_train), y_train, epochs=5, batch_size=256, verbose=2).history
red.save("models/mlp.keras")
# %% build-cnn
def build_cnn():
    return keras.Sequential([
        keras.Input((28, 28)),
        layers.Reshape((28, 28, 1)),
        layers.Conv2D(8, 5, strides=2, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])
