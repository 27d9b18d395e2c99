"""By which column of a vendor's file a person is named, and as what."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.ingest.contact_points import (
    COUNTRY_CODE,
    NORTH_AMERICA,
    email_sql,
    normalized_email,
    normalized_phone,
    phone_sql,
)
from workbench.ingest.keys import EMAIL, PHONE, RECORD, KeyKind

SPACES = " \t\r\n"
WORDS = {RECORD: "a record number", PHONE: "a phone number", EMAIL: "an e-mail address"}


class Person(BaseModel):
    """The column that names the person: by record number, phone number or e-mail address."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    record: str | None = Field(default=None, description="the column of record numbers")
    phone: str | None = Field(default=None, description="the column of phone numbers")
    email: str | None = Field(default=None, description="the column of e-mail addresses")
    country: str = Field(
        default=NORTH_AMERICA,
        pattern=f"^{COUNTRY_CODE}$",
        description="the country code of phone numbers that are written without one",
    )

    @model_validator(mode="after")
    def _one_column(self) -> "Person":
        if sum(name is not None for name in (self.record, self.phone, self.email)) != 1:
            raise ValueError("give one of record, phone, email, with the column's name")
        return self

    @property
    def kind(self) -> KeyKind:
        """The kind of key the column holds."""
        return RECORD if self.record is not None else PHONE if self.phone is not None else EMAIL

    @property
    def word(self) -> str:
        """What a reader calls such a key, with its article."""
        return WORDS[self.kind]

    @property
    def column(self) -> str:
        """The column's name."""
        return self.record or self.phone or self.email or ""

    def value(self, text: str) -> str | None:
        """The key in its one form; None where the text is none."""
        match self.kind:
            case "phone":
                return normalized_phone(text, self.country)
            case "email":
                return normalized_email(text)
        return text.strip(SPACES) or None

    def sql(self, expression: str) -> str:
        """The same in DuckDB's SQL: an expression of text, null where the text is no key."""
        match self.kind:
            case "phone":
                return phone_sql(expression, self.country)
            case "email":
                return email_sql(expression)
        return f"nullif(trim({expression}, E{SPACES!r}), '')"
