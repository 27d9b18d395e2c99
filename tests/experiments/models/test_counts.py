"""Counts that cannot be are told in a sentence each, without the counts."""

import numpy as np
import pytest

from workbench.experiments.models.counts import faults_of_counts


@pytest.mark.parametrize(
    ("people", "events", "words"),
    [
        ([3, 4], [-1, 0], "negative"),
        ([-3, 4], [0, 0], "negative"),
        ([3, 4], [4, 0], "more people with an event than people"),
        ([3.5, 4.0], [1, 0], "fractions"),
        ([np.nan, 4.0], [1, 0], "not numbers"),
    ],
)
def test_counts_that_cannot_be_are_told(people, events, words):
    (fault,) = faults_of_counts("segments", np.array(people), np.array(events))
    assert words in fault.what
    assert fault.where == "segments"


def test_further_counts_are_held_to_the_same_and_sound_ones_pass():
    people, events = np.array([3, 4]), np.array([0, 4])
    assert faults_of_counts("clusters", people, events, clusters=np.array([1, 2])) == []
    (fault,) = faults_of_counts("clusters", people, events, clusters=np.array([1, -2]))
    assert "negative" in fault.what
