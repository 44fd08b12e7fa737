"""`axonwatch completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import sys

import click

SHELLS = ("bash", "zsh", "fish")
_HOW = {
    "bash": 'eval "$(axonwatch completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(axonwatch completion zsh)"   in ~/.zshrc',
    "fish": "axonwatch completion fish > ~/.config/fish/completions/axonwatch.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print the completion script of a shell: bash, zsh or fish.

    bash:  eval "$(axonwatch completion bash)"  in ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    from axonwatch.cli.main import cli
    from axonwatch.cli.output import note

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click knows the three shells
    script = kind(cli, {}, "axonwatch", "_AXONWATCH_COMPLETE").source()
    sys.stdout.write(script.rstrip("\n") + "\n")
    if sys.stdout.isatty():
        note(f"to use it: {_HOW[shell]}")
    return 0
