"""Writing studies: the files from which a new kind of study starts."""
