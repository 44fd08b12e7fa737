"""Tree -> SQL: one module for each family of commands and functions."""
