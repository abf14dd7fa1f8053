"""Everything right in another style: numpy numbers, integral floats, lists and arrays, functional models."""

# %% output-size
def output_size(n, kernel_size, padding=0, stride=1):
    return np.floor((n + 2 * padding - kernel_size) / stride) + 1.0


# %% conv-output-shape
def conv_output_shape(input_shape, filters, kernel_size, padding=0, stride=1):
    sizes = (np.array(input_shape[:2]) + 2 * padding - kernel_size) // stride + 1
    return np.append(sizes, filters)


# %% conv-params
def conv_params(filters, kernel_size, channels):
    return np.int64(filters * (kernel_size * kernel_size * channels + 1))


# %% flatten-size
def flatten_size(shape):
    return np.prod(shape)


# %% dense-params
def dense_params(inputs, units):
    return float((inputs + 1) * units)


# %% pool-output-shape
def pool_output_shape(input_shape, pool_size=2):
    return [input_shape[0] // pool_size, input_shape[1] // pool_size, input_shape[2]]


# %% answers
ANSWERS = dict(
    conv_output=28 - 3 + 1,
    conv_params=np.int64(64 * 3 * 3 + 64),
    flatten=64 * 26 * 26,
    softmax_params=43264 * 10.0 + 10,
    conv_net_total=640 + 432650,
    hidden_params=43264 * 15 + 15,
    output_params=15 * 10 + 10,
    hidden_net_total=640 + 648975 + 160,
    pool_output=26 / 2,
    pool_flatten=13 * 13 * 64,
    pool_hidden_params=10816 * 15 + 15,
    pool_net_total=640 + 162255 + 160,
    reduction_percent=np.float64(43264 - 10816) / 43264 * 100,
    vgg16_total=None,
)


# %% conv-net-questions
pass


# %% hidden-net-questions
pass


# %% pool-net-questions
pass


# %% build-conv-net
import keras


def digits():
    return keras.Input((28, 28, 1), name="digitos")


def build_conv_net():
    x = inputs = digits()
    x = keras.layers.Conv2D(filters=64, kernel_size=(3, 3), activation=keras.activations.relu)(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(10, "softmax")(x))


# %% build-conv-hidden-net
def build_conv_hidden_net():
    x = inputs = digits()
    x = keras.layers.Conv2D(64, 3, padding="valid")(x)
    x = keras.layers.ReLU()(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(15, activation=keras.ops.tanh)(x)
    x = keras.layers.Dense(10)(x)
    return keras.Model(inputs, keras.layers.Softmax()(x), name="oculta")


# %% build-conv-pool-net
def build_conv_pool_net():
    inputs = keras.Input((28, 28))
    x = keras.layers.Reshape((28, 28, 1))(inputs)
    x = keras.layers.Rescaling(1 / 255)(x)
    x = keras.layers.Conv2D(64, 3)(x)
    x = keras.layers.Activation("relu")(x)
    x = keras.layers.MaxPool2D(2)(x)
    x = keras.layers.Reshape((-1,))(x)
    x = keras.layers.Dense(15)(x)
    x = keras.layers.Activation("tanh")(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation=keras.layers.Softmax())(x))


# %% vgg16-questions
filters = [3] + [number for kind, number in VGG16 if kind == "conv"]
units = [7 * 7 * 512] + [number for kind, number in VGG16 if kind == "dense"]
vgg16_params = [conv_params(f, 3, c) for c, f in zip(filters, filters[1:])]
vgg16_params += [dense_params(i, u) for i, u in zip(units, units[1:])]
ANSWERS["vgg16_total"] = np.sum(vgg16_params)
