"""placeholder"""


def refusal(kind: str) -> str | None:
    return None
