"""Only the numbers of the slides, typed in; no function was written."""

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
