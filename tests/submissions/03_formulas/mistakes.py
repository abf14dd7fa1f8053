"""The usual mistakes: true division, a bias forgotten, a fraction for a percentage, padding counted once."""

# %% output-size
def output_size(n, kernel_size, padding=0, stride=1):
    return (n + 2 * padding - kernel_size) / stride + 1


# %% conv-output-shape
def conv_output_shape(input_shape, filters, kernel_size, padding=0, stride=1):
    t = (input_shape[0] + padding - kernel_size) // stride + 1
    u = (input_shape[1] + padding - kernel_size) // stride + 1
    return t, u, filters


# %% conv-params
def conv_params(filters, kernel_size, channels):
    return filters * kernel_size * kernel_size * channels


# %% flatten-size
def flatten_size(shape):
    return shape[0] * shape[1] * shape[2]


# %% dense-params
def dense_params(inputs, units):
    return inputs * units


# %% pool-output-shape
def pool_output_shape(input_shape, pool_size=2):
    return input_shape[0] / pool_size, input_shape[1] / pool_size, input_shape[2]


# %% conv-net-questions
ANSWERS["conv_output"] = output_size(28, 3)
ANSWERS["conv_params"] = conv_params(64, 3, 1)
ANSWERS["flatten"] = 0
ANSWERS["softmax_params"] = dense_params(26 * 26 * 64, 10)
ANSWERS["conv_net_total"] = ANSWERS["conv_params"] + ANSWERS["softmax_params"]


# %% build-conv-net
def build_conv_net():
    model = Sequential()
    model.add(Input(shape=(28, 28, 1)))
    model.add(Conv2D(64, kernel_size=3, activation="relu", padding="same"))
    model.add(Flatten())
    model.add(Dense(10, activation="softmax"))
    return model


# %% hidden-net-questions
ANSWERS["hidden_params"] = 43264 * 15
ANSWERS["output_params"] = 15 * 10


# %% build-conv-hidden-net
def build_conv_hidden_net():
    model = Sequential()
    model.add(Input(shape=(28, 28, 1)))
    model.add(Conv2D(64, kernel_size=3, activation="relu"))
    model.add(Flatten())
    model.add(Dense(15, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    return model


# %% pool-net-questions
ANSWERS["pool_output"] = 13
ANSWERS["pool_flatten"] = 13 * 13
ANSWERS["reduction_percent"] = 1 - 10816 / 43264


# %% build-conv-pool-net
def build_conv_pool_net():
    model = Sequential()
    model.add(Input(shape=(28, 28, 1)))
    model.add(Conv2D(64, kernel_size=3, activation="relu"))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Flatten())
    model.add(Dense(15, activation="tanh"))
    model.add(Dense(10, activation="softmax"))


# %% vgg16-questions
ANSWERS["vgg16_total"] = 14714688
