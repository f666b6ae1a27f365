"""Training, prediction and embedding. torch lives here and in `xstilts.kinds`."""
