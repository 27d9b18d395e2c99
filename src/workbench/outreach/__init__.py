"""Texting as it is done: to begin with, whether the data about it are fit for use."""
