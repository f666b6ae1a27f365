"""What a study needs before it runs: its files and encoders, whether they are there, a mirror of them, what they share."""
