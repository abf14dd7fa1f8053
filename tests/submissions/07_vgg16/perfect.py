"""Right: as in the instructor's notebook; block 5 and the classifier were saved, and a CNN from scratch."""
# %% prepare-image
def prepare_image(image):
    return preprocess_input(np.expand_dims(image.astype("float32"), axis=0).copy())
# %% top-predictions
def top_predictions(probabilities, names, n=3):
    pares = sorted(zip(np.ravel(probabilities), names), reverse=True)
    return [(nombre, p) for p, nombre in pares[:n]]
# %% build-classifier
def build_classifier(base, num_classes):
    return keras.Sequential([
        keras.Input(base.input_shape[1:]),
        base,
        layers.Rescaling(0.05),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(num_classes, activation="softmax"),
    ])
# %% freeze
def freeze(model):
    for layer in base_layers(model):
        layer.trainable = False
# %% unfreeze-last-block
def unfreeze_last_block(model):
    for layer in base_layers(model):
        layer.trainable = "block5" in layer.name
