"""A class graded on many machines, on `dask.distributed`; only ``grade --cluster`` and ``worker`` need it."""
