"""How a rule says no."""


class Refused(Exception):
    """Not now, and here is why, in words fit to show a person.

    Pages show the words as a message, the API as a problem document with status 409.
    """

    def __init__(self, message: object, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])
