"""`python -m axonwatch`: the same as the console script."""

from axonwatch.cli.main import entry

if __name__ == "__main__":
    entry()
