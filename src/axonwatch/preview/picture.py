"""`preview --png`: pictures of the page for a pull request, by a headless Chromium if there is one.

A browser draws the very page that people open; no second drawing code can disagree with it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from axonwatch.errors import CouldNotRun

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TIMEOUT_SECONDS = 60


def find_browser() -> str:
    """The path of a Chromium. Raises CouldNotRun if there is none."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise CouldNotRun(
        "pictures need a Chromium, and none is on PATH",
        help="install one (Debian: apt-get install chromium), or open the HTML page instead",
    )


def take_picture(
    page: Path, picture: Path, *, width: int = 1400, height: int = 2400, dark: bool = False
) -> None:
    """Draw `page` (an HTML file) into `picture` (PNG). Raises CouldNotRun if the browser fails."""
    browser = find_browser()
    with tempfile.TemporaryDirectory() as profile:
        drawn = Path(profile) / "picture.png"
        command = [
            browser,
            "--headless=new",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-sandbox",
            "--virtual-time-budget=3000",
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            f"--screenshot={drawn}",
            *(["--force-dark-mode"] if dark else []),
            page.resolve().as_uri(),
        ]
        try:
            subprocess.run(  # noqa: S603 - a browser found on PATH, on our own file
                command, check=True, capture_output=True, timeout=TIMEOUT_SECONDS
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
            raise CouldNotRun(
                f"{Path(browser).name} did not draw the page", help="open the HTML page instead"
            ) from failure
        if not drawn.exists():
            raise CouldNotRun(
                f"{Path(browser).name} drew nothing", help="open the HTML page instead"
            )
        shutil.move(drawn, picture)
