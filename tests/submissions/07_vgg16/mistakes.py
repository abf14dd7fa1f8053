"""Usual mistakes: no BGR, ascending order, logits for two fixed classes, everything frozen, all of the base freed."""
# %% prepare-image
def prepare_image(image):
    image = image.reshape((1, 224, 224, 3)).astype("float32")
    return image - np.array([103.939, 116.779, 123.68])
# %% top-predictions
def top_predictions(probabilities, names, n=3):
    probabilities = np.ravel(probabilities)
    return [(names[i], probabilities[i]) for i in np.argsort(probabilities)[-n:]]
# %% build-classifier
def build_classifier(base, num_classes):
    return keras.Sequential([base, layers.Flatten(), layers.Dense(2)])
# %% freeze
def freeze(model):
    model.trainable = False
# %% unfreeze-last-block
def unfreeze_last_block(model):
    model.trainable = True
