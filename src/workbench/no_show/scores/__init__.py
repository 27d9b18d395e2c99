"""What predictions are worth: calibration, net benefit, discrimination, accuracy, for all and by group of patients."""
