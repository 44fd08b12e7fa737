"""Ctrl-C during a call that starts something: the answer must not be lost with it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


def uninterrupted(do: Callable[[], T]) -> tuple[T, bool]:
    """What `do` gives, and whether Ctrl-C was pressed meanwhile. A second Ctrl-C leaves at once.

    Only the main thread hears signals; elsewhere nothing needs to be held back.
    """
    if threading.current_thread() is not threading.main_thread():
        return do(), False
    pressed: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        del frame
        pressed.append(number)
        if len(pressed) > 1:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, hold)
    try:
        return do(), bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
