"""A model file that runs code when it is loaded, and functions that try to give back more than was asked for."""
# %% prepare-image
def prepare_image(image):
    class Equal:
        shape = (1, 224, 224, 3)

        def __eq__(self, other):
            return True

        def __sub__(self, other):
            return self
    return Equal()
# %% top-predictions
def top_predictions(probabilities, names, n=3):
    return [("<script>alert(1)</script>", float("nan"))] * n
# %% build-classifier
def build_classifier(base, num_classes):
    entrada = keras.Input(base.input_shape[1:])
    salida = layers.Lambda(lambda x: keras.ops.ones((1, num_classes)) / num_classes)(base(entrada))
    return keras.Model(entrada, salida)
# %% freeze
def freeze(model):
    for layer in base_layers(model):
        layer.trainable = False
# %% unfreeze-last-block
def unfreeze_last_block(model):
    os._exit(0)
