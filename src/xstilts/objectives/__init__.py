"""What an encoder learns in pretraining: masked LM and translation LM."""
