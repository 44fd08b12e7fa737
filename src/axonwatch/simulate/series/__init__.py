"""Series: what tests, files and recordings give, as datapoints."""
