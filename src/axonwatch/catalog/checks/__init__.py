"""One file per check, found by the folder."""
