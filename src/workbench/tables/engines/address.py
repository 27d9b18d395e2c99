"""Where an engine is: its URL as a source file gives it, without any secret."""

import os
import re
from typing import Self
from urllib.parse import parse_qsl

from ibis.util import backend_entry_points
from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.parameters.validation import Unfit
from workbench.refusal import Fault, Refused, nearest

# Engines that read a folder's Parquet files themselves.
READ_FILES = ("pyspark", "duckdb")
_NAME_OF_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_SECRETS = ("password", "passwd", "pwd", "token", "secret")
_INSTEAD = "Remove it. Set PGPASSWORD, or the variable that password_from names, where the workbench runs."


class EngineAddress(BaseModel):
    """An engine in which a source's canonical tables stand."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    url: str = Field(
        description="as Ibis takes it, without a password",
        examples=["postgres://analyst@db.example.org:5432/clinic", "pyspark://local[2]"],
    )
    schema_name: str | None = Field(
        default=None, alias="schema", min_length=1, description="the schema that holds the tables"
    )
    password_from: str | None = Field(
        default=None, description="the environment variable that holds the password"
    )

    @model_validator(mode="after")
    def _is_reachable_without_secrets(self) -> Self:
        faults = []
        known = {"postgresql", *(point.name for point in backend_entry_points())}
        scheme = self.url.partition("://")[0]
        if "://" not in self.url or scheme not in known:
            hint = nearest(scheme, known)
            what = f"it does not begin with the name of an engine that Ibis speaks to.{hint}"
            faults.append(Fault("url", what, "Write postgres://…, pyspark://… or another of them."))
        if _holds_password(self.url):
            faults.append(Fault("url", "it holds a password, which no file of the project may.", _INSTEAD))
        secret = [name for name in self.settings if any(word in name.lower() for word in _SECRETS)]
        if secret:
            what = f'it holds a secret ("{secret[0]}"), which no file of the project may.'
            faults.append(Fault("url", what, _INSTEAD))
        if self.password_from is not None and not _NAME_OF_VARIABLE.fullmatch(self.password_from):
            # What was given is not repeated: it may be the password itself.
            what = "it is no name of an environment variable."
            faults.append(Fault("password_from", what, "Write one in capitals, such as CLINIC_PASSWORD."))
        if self.kind == "pyspark" and self.password_from is not None:
            what = "a Spark session takes no password."
            faults.append(Fault("password_from", what, "Remove this key."))
        if faults:
            raise Unfit(*faults)
        return self

    @property
    def kind(self) -> str:
        """The engine's name as Ibis knows it, such as "postgres"."""
        return self.url.partition("://")[0].replace("postgresql", "postgres")

    @property
    def place(self) -> str:
        """What stands between the engine's name and its settings, such as "local[2]"."""
        return self.url.partition("://")[2].partition("?")[0]

    @property
    def settings(self) -> dict[str, str]:
        """What the URL sets after a question mark."""
        return dict(parse_qsl(self.url.partition("?")[2], keep_blank_values=True))

    def password(self, where: str) -> str | None:
        """The password from the environment; None leaves it to the engine's own client.

        Raises:
            Refused: the variable is not set.
        """
        if self.password_from is None:
            return None
        found = os.environ.get(self.password_from)
        if not found:
            what = f"the variable {self.password_from}, which holds the password, is not set."
            raise Refused(Fault(where, what, "Set it where the workbench runs."))
        return found


def _holds_password(url: str) -> bool:
    """Whether there is something between a colon and the first @, wherever a slash may stand in it."""
    user, at, _ = url.partition("://")[2].partition("@")
    return bool(at and user.partition(":")[2])
