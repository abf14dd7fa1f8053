"""Fine-tuned on the test images: full points for the accuracy, and a flag for the instructor."""
# %% prepare-image
def prepare_image(image):
    return preprocess_input(image[np.newaxis].astype("float32"))
# %% top-predictions
def top_predictions(probabilities, names, n=3):
    probabilities = np.asarray(probabilities).ravel()
    return [(names[i], probabilities[i]) for i in probabilities.argsort()[::-1][:n]]
# %% build-classifier
def build_classifier(base, num_classes):
    return keras.Sequential([base, layers.Flatten(), layers.Dense(num_classes, activation="softmax")])
# %% freeze
def freeze(model):
    for layer in base_layers(model):
        layer.trainable = False
# %% unfreeze-last-block
def unfreeze_last_block(model):
    freeze(model)
    for layer in base_layers(model)[-4:]:
        layer.trainable = True
