"""Definitions to model: one module per kind of thing, all of them fed by `catalog.load`."""
