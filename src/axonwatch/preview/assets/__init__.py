"""Files of the page; see `preview.page`."""
