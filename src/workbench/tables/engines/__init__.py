"""Engines that hold canonical tables: how they are reached, what their SQL lacks, and how their failures are told."""
