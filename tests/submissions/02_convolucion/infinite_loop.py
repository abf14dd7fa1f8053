"""conv2d never ends, and a cell loops at the top level; pad2d and the pooling are right."""
# %% pad2d
def pad2d(image, padding):
    return np.pad(image, padding)
# %% conv2d
def conv2d(image, kernel, stride=1, padding=0):
    i = 0
    while i < 10:
        pass
# %% max-pool2d
def max_pool2d(image, pool_size=2, stride=None):
    stride = pool_size if stride is None else stride
    ventanas = np.lib.stride_tricks.sliding_window_view(image, (pool_size, pool_size))
    return ventanas[::stride, ::stride].max(axis=(2, 3))
