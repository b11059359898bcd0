"""A value that is carried but not looked into.

Anybody may seal a value and pass it on. Only `tocsin.accounting.unsealing` opens one, only against the receipt of a
use that the ledger holds, and only `tocsin.desk.disclose` may import that module (an import contract). A sealed value
has no field, no text, no JSON and no pickle, so that it cannot leave by accident.
"""

from __future__ import annotations

from typing import Generic, NoReturn, TypeVar, final

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@final
class Sealed(Generic[T_co]):
    """A value behind a seal. Two are equal when what they hold is equal; nothing else can be asked of one."""

    __slots__ = ("__value",)

    def __init__(self, value: T_co) -> None:
        self.__value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and bool(self.__value == other.__value)

    __hash__ = None  # type: ignore[assignment]  # a hash would tell equal values apart from others without a seal broken

    def __repr__(self) -> str:
        return "Sealed(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sealed value cannot be copied out of the process: open it through desk/disclose.py")


def seal(value: T) -> Sealed[T]:
    """The value behind a seal."""
    return Sealed(value)
