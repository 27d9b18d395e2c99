"""The words that a source records, against those that clinicians' rules name.

A word that was never recorded of anybody is misspelled, or is another provider's, and would make an empty group without
a sound. One that was recorded of somebody, and today holds of nobody, is told in the report.
"""

from collections.abc import Iterator, Mapping

from workbench.refusal import Fault, nearest
from workbench.segments.counting.demographics import AGE_BANDS
from workbench.segments.counting.needs import STATES
from workbench.segments.features.catalog import CATEGORICAL
from workbench.segments.features.categories import FEWEST_OF_A_WORD
from workbench.tables.known import KnownTables


def unrecorded_words(known: KnownTables, named: Mapping[str, tuple[str, ...]], where: str) -> Iterator[Fault]:
    """A fault for each word that the source never recorded, by one cheap query for each feature.

    Args:
        known: the tables.
        named: words by the name of their feature.
        where: who names them.
    """
    columns: dict[str, tuple[str, str]] = {each.name: (each.column, each.title.lower()) for each in CATEGORICAL}
    for feature, words in named.items():
        column, title = columns[feature]
        recorded = _people_by_word(known, column)
        # What few people share is nobody's to tell.
        told = sorted(word for word, people in recorded.items() if people >= FEWEST_OF_A_WORD)
        for word in words:
            if word not in recorded:
                what = f'"{word}" was not recorded of anybody as {title} by {known.as_of}.{nearest(word, told)}'
                mend = f"Of {FEWEST_OF_A_WORD} people or more there are: {', '.join(told) or 'none'}."
                yield Fault(f"{where}, {feature}", what, mend)


def _people_by_word(known: KnownTables, column: str) -> dict[str, int]:
    """How many people each word of a column was ever recorded of."""
    if column == "age_band":
        return dict.fromkeys(AGE_BANDS, FEWEST_OF_A_WORD)
    rows = known.versions("patient_states" if column in STATES else "patients")
    counted = rows.group_by(word=rows[column]).agg(people=rows["patient_id"].nunique())
    counts = counted.filter(counted["word"].notnull()).execute()
    return {str(word): int(people) for word, people in zip(counts["word"], counts["people"], strict=True)}
