"""Writing studies: the files a new kind of study starts from, and the notebooks' compared outputs."""
