"""Currencies: how many decimals their smallest unit has, where it is no hundredth (ISO 4217)."""

from __future__ import annotations

from typing import Final

_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS: Final = {**dict.fromkeys(_NONE.split(" "), 0), **dict.fromkeys(_THREE.split(" "), 3)}


def digits(currency: str) -> int:
    """Decimals of an amount that can be paid; 2 where nothing else is known."""
    return _DIGITS.get(currency, 2)
