"""Right in another style, without the notebook's helpers; nothing was trained or saved."""
# %% prepare-image
MEDIAS = [103.939, 116.779, 123.68]


def prepare_image(image):
    lote = image.reshape((1, 224, 224, 3)).astype("float32")
    bgr = lote[:, :, :, [2, 1, 0]]
    for canal, media in enumerate(MEDIAS):
        bgr[..., canal] = bgr[..., canal] - media
    return keras.ops.convert_to_tensor(bgr)
# %% top-predictions
def top_predictions(probabilities, names, n=3):
    p = list(np.array(probabilities).flatten())
    resultado = []
    for _ in range(n):
        mejor = max(range(len(p)), key=lambda i: p[i])
        resultado.append([names[mejor], p[mejor]])
        p[mejor] = -1
    return tuple(resultado)
# %% build-classifier
def build_classifier(base, num_classes):
    x = layers.GlobalAveragePooling2D()(base.output)
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(inputs=base.input, outputs=layers.Dense(num_classes, activation="softmax")(x))
# %% freeze
def freeze(model):
    for capa in model.layers:
        if "block" in capa.name:
            capa.trainable = False
        elif hasattr(capa, "layers"):
            freeze(capa)
    return model
# %% unfreeze-last-block
def unfreeze_last_block(model):
    for capa in model.layers:
        if hasattr(capa, "layers"):
            unfreeze_last_block(capa)
        elif "block" in capa.name:
            capa.trainable = "block5" in capa.name
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model
