"""What can go wrong when Koppel is started, said so that the reader knows what to do."""


class StackError(Exception):
    """It cannot go on; the message names the cause, `advice` the remedy."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message if not advice else f"{message}\n  {advice}")
        self.advice = advice
