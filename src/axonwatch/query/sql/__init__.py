"""One file per family of commands: tree to SQL."""
