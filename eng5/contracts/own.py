"""The base of eng5's own files: strict and frozen."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class OwnFile(BaseModel):
    """An own file or a part of one: unknown fields are errors, values do not change, NaN is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
