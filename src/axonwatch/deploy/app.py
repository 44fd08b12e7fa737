"""The CDK app: `python -m axonwatch.deploy.app`, which `cdk.json` names for the CDK command line.

`cdk deploy --all` works without a bootstrap: there is no asset. `axonwatch deploy` needs no CDK
command line at all.
"""

from __future__ import annotations

import os
import sys

from axonwatch.catalog.load import load_companion
from axonwatch.catalog.project import find_project
from axonwatch.deploy.synthesis import build_companion, new_app
from axonwatch.errors import AxonwatchError


def main() -> None:
    """Synthesize the companion of the nearest project into CDK_OUTDIR, by default `cdk.out`."""
    try:
        companion = load_companion(find_project()).valid()
        app = new_app(os.environ.get("CDK_OUTDIR", "cdk.out"))
        build_companion(app, companion)
    except AxonwatchError as error:
        sys.exit(f"error: {error.message}\n  = help: {error.help or 'run `axonwatch check`'}")
    app.synth(force=True)


if __name__ == "__main__":
    main()
