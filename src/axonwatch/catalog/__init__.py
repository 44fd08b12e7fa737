"""Definitions to model: YAML with positions, schemas, checks, templates read back."""
