"""Everything right, in the style of the lecture: model.add, whole numbers, tuples."""

# %% output-size
def output_size(n, kernel_size, padding=0, stride=1):
    return (n + 2 * padding - kernel_size) // stride + 1


# %% conv-output-shape
def conv_output_shape(input_shape, filters, kernel_size, padding=0, stride=1):
    t = output_size(input_shape[0], kernel_size, padding, stride)
    u = output_size(input_shape[1], kernel_size, padding, stride)
    return (t, u, filters)


# %% conv-params
def conv_params(filters, kernel_size, channels):
    return filters * kernel_size**2 * channels + filters


# %% flatten-size
def flatten_size(shape):
    total = 1
    for size in shape:
        total = total * size
    return total


# %% dense-params
def dense_params(inputs, units):
    return inputs * units + units


# %% pool-output-shape
def pool_output_shape(input_shape, pool_size=2):
    h, w, c = input_shape
    return (h // pool_size, w // pool_size, c)


# %% conv-net-questions
salida = conv_output_shape((28, 28, 1), 64, 3)
print("salida de la convolución:", salida)
ANSWERS["conv_output"] = salida[0]
ANSWERS["conv_params"] = conv_params(64, 3, 1)
ANSWERS["flatten"] = flatten_size(salida)
ANSWERS["softmax_params"] = dense_params(flatten_size(salida), 10)
ANSWERS["conv_net_total"] = ANSWERS["conv_params"] + ANSWERS["softmax_params"]


# %% build-conv-net
def build_conv_net():
    model = Sequential()
    model.add(Input(shape=(28, 28, 1)))
    model.add(Conv2D(64, kernel_size=3, activation="relu"))
    model.add(Flatten())
    model.add(Dense(10, activation="softmax"))
    model.summary()
    return model


# %% hidden-net-questions
ANSWERS["hidden_params"] = dense_params(43264, 15)
ANSWERS["output_params"] = dense_params(15, 10)
ANSWERS["hidden_net_total"] = 640 + ANSWERS["hidden_params"] + ANSWERS["output_params"]


# %% build-conv-hidden-net
def build_conv_hidden_net():
    # como en la diapositiva, con input_shape (Keras avisa, pero funciona)
    model = Sequential()
    model.add(Conv2D(64, kernel_size=3, activation="relu", input_shape=(28, 28, 1)))
    model.add(Flatten())
    model.add(Dense(15, activation="tanh"))
    model.add(Dense(10, activation="softmax"))
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


# %% pool-net-questions
ANSWERS["pool_output"] = pool_output_shape(salida)[0]
ANSWERS["pool_flatten"] = flatten_size(pool_output_shape(salida))
ANSWERS["pool_hidden_params"] = dense_params(ANSWERS["pool_flatten"], 15)
ANSWERS["pool_net_total"] = 640 + ANSWERS["pool_hidden_params"] + 160
ANSWERS["reduction_percent"] = 100 - 100 * ANSWERS["pool_flatten"] / ANSWERS["flatten"]


# %% build-conv-pool-net
def build_conv_pool_net():
    model = Sequential()
    model.add(Input(shape=(28, 28, 1)))
    model.add(Conv2D(64, kernel_size=3, activation="relu"))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Flatten())
    model.add(Dense(15, activation="tanh"))
    model.add(Dense(10, activation="softmax"))
    return model


# %% vgg16-questions
total = 0
canales, lado = 3, 224
for kind, number in VGG16:
    if kind == "conv":
        total += conv_params(number, 3, canales)
        canales = number
    elif kind == "pool":
        lado = lado // 2
entradas = lado * lado * canales
for units in (4096, 4096, 1000):
    total += dense_params(entradas, units)
    entradas = units
ANSWERS["vgg16_total"] = total
