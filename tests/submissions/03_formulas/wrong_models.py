"""Right formulas; each model has something that the lecture's does not have."""

# %% output-size
def output_size(n, kernel_size, padding=0, stride=1):
    return (n + 2 * padding - kernel_size) // stride + 1


# %% conv-output-shape
def conv_output_shape(input_shape, filters, kernel_size, padding=0, stride=1):
    return tuple(output_size(n, kernel_size, padding, stride) for n in input_shape[:2]) + (filters,)


# %% conv-params
def conv_params(filters, kernel_size, channels):
    return filters * kernel_size * kernel_size * channels + filters


# %% flatten-size
def flatten_size(shape):
    return int(np.prod(shape))


# %% dense-params
def dense_params(inputs, units):
    return (inputs + 1) * units


# %% pool-output-shape
def pool_output_shape(input_shape, pool_size=2):
    return input_shape[0] // pool_size, input_shape[1] // pool_size, input_shape[2]


# %% build-conv-net
def build_conv_net():
    # logits: falta la softmax
    return Sequential([Input((28, 28, 1)), Conv2D(64, 3, activation="relu"), Flatten(), Dense(10)])


# %% build-conv-hidden-net
def build_conv_hidden_net():
    # falta la capa oculta
    return Sequential([Input((28, 28, 1)), Conv2D(64, 3, activation="relu"), Flatten(), Dense(10, activation="softmax")])


# %% build-conv-pool-net
def build_conv_pool_net():
    # falta el pooling y sobra un Dropout
    from keras.layers import Dropout

    model = Sequential([Input((28, 28, 1)), Conv2D(64, (3, 3), activation="relu"), Dropout(0.25), Flatten()])
    model.add(Dense(15, activation="tanh"))
    model.add(Dense(10, activation="softmax"))
    return model


# %% conv-net-questions
ANSWERS["conv_output"] = 26
ANSWERS["conv_params"] = 640
ANSWERS["flatten"] = 43264
ANSWERS["softmax_params"] = 432650
ANSWERS["conv_net_total"] = 433290


# %% hidden-net-questions
ANSWERS["hidden_params"] = 648975
ANSWERS["output_params"] = 160
ANSWERS["hidden_net_total"] = 649775


# %% pool-net-questions
ANSWERS["pool_output"] = 13
ANSWERS["pool_flatten"] = 10816
ANSWERS["pool_hidden_params"] = 162255
ANSWERS["pool_net_total"] = 163055
ANSWERS["reduction_percent"] = 75


# %% vgg16-questions
ANSWERS["vgg16_total"] = 138357544
