"""A model a little short of 75 %; `n` is ignored, the image is changed, only a base that is a layer is found."""
# %% prepare-image
def prepare_image(image):
    return preprocess_input(image.reshape((1, *image.shape)))
# %% top-predictions
def top_predictions(probabilities, names, n=3):
    probabilities = np.squeeze(probabilities)
    best = np.argsort(-probabilities)
    return [(names[i], probabilities[i]) for i in best][:3]
# %% build-classifier
def build_classifier(base, num_classes):
    modelo = keras.Sequential()
    modelo.add(base)
    modelo.add(layers.GlobalMaxPooling2D())
    modelo.add(layers.Dense(num_classes, activation="softmax"))
    return modelo
# %% freeze
def freeze(model):
    model.get_layer("vgg16").trainable = False
# %% unfreeze-last-block
def unfreeze_last_block(model):
    base = model.get_layer("vgg16")
    base.trainable = True
    for layer in base.layers[:-4]:
        layer.trainable = False
