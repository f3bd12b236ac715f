"""Time zones as they are abbreviated: `CEST`, `PDT`, `MSK`. An abbreviation is no zone: several places may share one,
and it says nothing of the other half of the year; the nearest by its letters is that of another place. Pure."""

from __future__ import annotations

from typing import Final

_ELSEWHERE: Final = "Asia/Ho_Chi_Minh"
_LONGEST: Final = 5
_PLACES: Final = {
    **dict.fromkeys(("CEST", "CET", "MESZ", "MEZ", "MET", "MEST"), "Europe/Berlin"),
    **dict.fromkeys(("EET", "EEST"), "Europe/Helsinki"),
    **dict.fromkeys(("WET", "WEST"), "Europe/Lisbon"),
    **dict.fromkeys(("BST", "GMT", "GB"), "Europe/London"),
    **dict.fromkeys(("MSK", "MSD"), "Europe/Moscow"),
    **dict.fromkeys(("TRT",), "Europe/Istanbul"),
    **dict.fromkeys(("EST", "EDT", "ET"), "America/New_York"),
    **dict.fromkeys(("CST", "CDT", "CT"), "America/Chicago"),
    **dict.fromkeys(("MST", "MDT", "MT"), "America/Denver"),
    **dict.fromkeys(("PST", "PDT", "PT"), "America/Los_Angeles"),
    **dict.fromkeys(("AKST", "AKDT"), "America/Anchorage"),
    **dict.fromkeys(("AST", "ADT"), "America/Halifax"),
    **dict.fromkeys(("NST", "NDT"), "America/St_Johns"),
    **dict.fromkeys(("BRT", "BRST"), "America/Sao_Paulo"),
    "ART": "America/Argentina/Buenos_Aires",
    **dict.fromkeys(("AEST", "AEDT", "AET"), "Australia/Sydney"),
    **dict.fromkeys(("ACST", "ACDT"), "Australia/Adelaide"),
    "AWST": "Australia/Perth",
    **dict.fromkeys(("NZST", "NZDT"), "Pacific/Auckland"),
    "SAST": "Africa/Johannesburg", "EAT": "Africa/Nairobi", "WAT": "Africa/Lagos", "CAT": "Africa/Maputo",
    "IST": "Asia/Kolkata", "PKT": "Asia/Karachi", "GST": "Asia/Dubai", "IDT": "Asia/Jerusalem",
    "JST": "Asia/Tokyo", "KST": "Asia/Seoul", "HKT": "Asia/Hong_Kong", "SGT": "Asia/Singapore", "PHT": "Asia/Manila",
    "WIB": "Asia/Jakarta", "ICT": "Asia/Bangkok",
}  # fmt: skip


def such_as(name: str) -> str:
    """A zone that a place keeps which is abbreviated so; of what nobody knows, that of any place."""
    return next((_PLACES[each] for each in _parts(name) if each in _PLACES), _ELSEWHERE)


def is_abbreviated(name: str) -> bool:
    """Whether a name is an abbreviation, so that the nearest by its letters would be another's."""
    short = len(name) <= _LONGEST and name.isascii() and name.isalpha()
    return all(each in _PLACES for each in _parts(name)) or (short and name.isupper())


def _parts(name: str) -> list[str]:
    """Both of `CET/CEST`, as the halves of the year are written."""
    return name.upper().split("/")
