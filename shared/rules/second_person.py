"""What of the back office's work needs a second person: the programme says it, the counter keeps it waiting."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from shared.rules.part import Count, Part

Always = Literal["always"]


class SecondPerson(Part):
    """Of points: the most that one person may move alone; 0 means none. Of whole members: always. An erasure needs two
    persons whatever is written here."""

    adjustment: Count | None = Field(None, ge=0, description="most points that one person alone gives or takes")
    goodwill: Count | None = Field(None, ge=0, description="most points that one person alone gives as a gesture")
    transfer: Count | None = Field(None, ge=0, description="most points that one person alone moves to another member")
    merge: Always | None = Field(None, description="two members are one person")
    unmerge: Always | None = Field(None, description="a merge is taken back")
    closing: Always | None = Field(None, description="an account is closed")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("nothing needs a second person: write what does, such as `goodwill: 500`, or leave it out")
        return self

    def needed(self, kind: str, points: int = 0) -> bool:
        """Whether an act of this kind needs another's leave; points: how many it moves, with their sign."""
        said: int | str | None = getattr(self, kind, None)
        return said is not None and (said == "always" or abs(points) > int(said))
