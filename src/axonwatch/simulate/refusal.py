"""What the engine refuses by name: the alarm, the offending id or function, and why.

Exit code 2: the input is wrong or asks for what cannot be done exactly. `evaluate --json` prints
the fields as `{"error": {...}}`.
"""

from __future__ import annotations

from axonwatch.errors import AxonwatchError


class Refusal(AxonwatchError):
    """An alarm or a series that cannot be evaluated.

    `code` names the bad thing; `alarm`, `id`, `function` and `where` say what it is about, empty
    when they do not apply.
    """

    exit_code = 2

    def __init__(
        self,
        code: str,
        message: str,
        *,
        alarm: str = "",
        id: str = "",
        function: str = "",
        where: str = "",
        help: str = "",
    ) -> None:
        super().__init__(message, help=help)
        self.code = code
        self.alarm = alarm
        self.id = id
        self.function = function
        self.where = where

    def fields(self) -> dict[str, str]:
        """The refusal as `{"code", "message", ...}`, without empty fields."""
        named = {
            "code": self.code,
            "message": self.message,
            "alarm": self.alarm,
            "id": self.id,
            "function": self.function,
            "where": self.where,
            "help": self.help,
        }
        return {key: value for key, value in named.items() if value}
