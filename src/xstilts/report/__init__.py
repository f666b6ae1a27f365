"""`xstilts report`: a study's results as one HTML file that needs no network."""
