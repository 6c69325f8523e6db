"""`nonce`: what the placeholders in a payload begin with."""

from __future__ import annotations

import os

__all__ = ["nonce"]

_NONCE_BYTES = 12
_nonces: list[str] = []


def nonce() -> str:
    """Text that no input can hold, since nobody can foresee it and each is used once."""
    try:
        return _nonces.pop()
    except IndexError:
        # The system takes longer to be asked than to answer.
        many = os.urandom(_NONCE_BYTES * 256).hex(":", _NONCE_BYTES).split(":")
        _nonces.extend(many[1:])
        return many[0]
