"""Right: the network well trained, as in the instructor's notebook."""
# %% preprocess
def preprocess(images):
    return images.astype("float32") / 127.5 - 1
# %% build-cnn
def build_cnn():
    model = keras.Sequential([keras.Input(shape=(32, 32, 3))])
    for filters in (32, 64, 128):
        model.add(layers.Conv2D(filters, kernel_size=3, padding="same", use_bias=False))
        model.add(layers.MaxPooling2D())
        model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.Activation("relu"))
    model.add(layers.Conv2D(96, kernel_size=3, padding="same", use_bias=False))
    model.add(layers.BatchNormalization(momentum=0.9))
    model.add(layers.Activation("relu"))
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(10, activation="softmax"))
    return model
