"""What a parameter set is: the base model, reading YAML strictly, and refusing with every fault at once."""
