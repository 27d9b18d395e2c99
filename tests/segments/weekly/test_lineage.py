"""A refit goes on with the letters of those before, and says in a sentence where it cannot."""

from datetime import date

import numpy as np
import pytest

from workbench.segments.membership import membership, write_membership
from workbench.segments.weekly.definition import Definition
from workbench.segments.weekly.lineage import Previous, follow, followed_by, lettered, previous_version
from workbench.segments.weekly.matching import match_groups
from workbench.tables.kept_segments import find_kept

LATER = date(2026, 11, 16)


@pytest.fixture
def previous(analysis, root):
    write_membership(membership(analysis), root)
    found = previous_version("groups", LATER, root)
    assert found is not None
    return found


def test_letters_follow_the_people_and_not_their_number(previous, analyzed, settings, rows):
    """Where the smaller kind has become the larger one, it keeps its letter."""
    later = analyzed(rows(500, 2, shares=(0.35, 0.65)), settings.model_copy(update={"as_of": LATER}))
    followed = follow(previous, later)
    assert followed.letters == ("B", "A")
    assert followed.lineage.went_on == ["B", "A"]
    found = lettered(later, followed)
    assert [group.letter for group in found.groups] == ["B", "A"]
    made = membership(found, followed)
    assert made.definition.letters == ("B", "A")
    assert made.definition.used_letters == ("A", "B")
    assert set(made.members["segment"].to_pylist()) == {"A", "B"}


def test_other_features_begin_anew_and_say_so(previous, analyzed, settings, rows):
    other = settings.model_copy(update={"as_of": LATER, "leave_out": ("remote",)})
    followed = follow(previous, analyzed(rows(500, 2), other))
    assert followed.lineage.why_not == (
        "The version before was made of other features (no more: remote), so that groups begin anew."
    )
    assert followed.letters == ("C", "D")


def by_words(families, diagnosis, settings, rows, analyzed):
    """Two kinds of people, told apart by their words."""
    everyone = rows(600, 4)
    kind = everyone["due"] < 20
    words = everyone.assign(
        diagnosis_group=np.where(kind, diagnosis, "other kind"),
        treatment_phase=np.where(kind, "intake", "active"),
    )
    return analyzed(words, settings.model_copy(update={"method": "latent_class", "features": families}))


def test_words_that_came_or_went_are_other_features_too(settings, rows, analyzed):
    with_words = by_words(("appointments", "diagnosis"), "anxiety", settings, rows, analyzed)
    before = Previous("20261019-0123abcd", membership(with_words).definition)
    without = by_words(("appointments",), "anxiety", settings, rows, analyzed)
    assert "(no more: diagnosis)" in follow(before, without).lineage.why_not
    others = by_words(("appointments", "phase"), "anxiety", settings, rows, analyzed)
    assert "(no more: diagnosis; new: phase)" in follow(before, others).lineage.why_not
    assert follow(before, others).letters == ("C", "D")
    assert follow(before, with_words).lineage.why_not is None


def test_only_earlier_versions_are_followed(analysis, root, settings):
    assert previous_version("groups", LATER, root) is None
    write_membership(membership(analysis), root)
    assert previous_version("groups", settings.as_of, root) is None
    assert previous_version("groups", LATER, root).definition == Definition.read(find_kept("groups", root))
    assert previous_version(None, LATER, root) is None


def test_without_groups_or_a_version_before_nothing_is_followed(previous, analysis, analyzed, settings, rows):
    assert follow(None, analysis) is None
    nobody = analyzed(rows(150, 1), settings)
    assert nobody.grouping is None
    assert follow(previous, nobody) is None
    assert lettered(nobody, None) is nobody


def test_born_and_dissolved_are_told_in_letters(previous):
    before = np.repeat([0, 1], [300, 200])
    after = np.where(np.arange(500) < 150, 2, np.where(before == 1, 0, 1))
    centers = np.array([[0.0], [3.0]])
    matching = match_groups(before, after, centers, np.array([[3.0], [0.2], [-4.0]]))
    followed = followed_by(Previous(previous.version, previous.definition), matching)
    assert followed.letters == ("B", "A", "C")
    assert followed.lineage.born == ["C"]
    assert followed.lineage.split == {"A": ["A", "C"]}
