"""The seed's main stack, to the letter."""
