"""Discovery of a main stack, part by part; `live.discover` puts the parts together."""
