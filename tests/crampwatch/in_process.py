"""What a pool of processes would do, done at once and here."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Self, TypeVar

Result = TypeVar("Result")


class InProcess:
    """Runs at once what a pool would run elsewhere."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, function: Callable[..., Result], *arguments: object) -> Future[Result]:
        future: Future[Result] = Future()
        future.set_result(function(*arguments))
        return future
