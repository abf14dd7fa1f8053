"""The CNN from scratch was saved as the fine-tuned model, too."""
# %% prepare-image
def prepare_image(image):
    return preprocess_input(np.array([image], dtype="float32"))
# %% top-predictions
def top_predictions(probabilities, names, n=3):
    tabla = dict(zip(names, np.ravel(probabilities)))
    return [(nombre, float(tabla[nombre])) for nombre in sorted(tabla, key=tabla.get, reverse=True)[:n]]
# %% build-classifier
def build_classifier(base, num_classes):
    entrada = keras.Input(base.input_shape[1:])
    x = layers.GlobalAveragePooling2D()(base(entrada))
    return keras.Model(entrada, layers.Dense(num_classes, "softmax")(x))
# %% freeze
def freeze(model):
    for layer in base_layers(model):
        layer.trainable = False
# %% unfreeze-last-block
def unfreeze_last_block(model):
    for layer in base_layers(model):
        layer.trainable = layer.name.startswith("block5")
