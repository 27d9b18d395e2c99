"""Outcomes, map, exemplars and channels as a reader sees them: told where they may be, hidden where not."""

import re

import numpy as np
import pytest

from workbench.present.disclosure import CMS, NHS
from workbench.present.group_shares import may_be_told, shares_told
from workbench.present.map_figures import Directions, MappedGroup, map_figure
from workbench.present.segmentation.outcomes import in_words
from workbench.segments.use.outcomes import Estimate


def test_a_hidden_group_takes_a_second_one_with_it():
    assert may_be_told([(500, 40), (400, 30), (300, 6)], CMS) == (True, False, False)
    assert may_be_told([(500, 40), (400, 30), (300, 60)], CMS) == (True, True, True)
    assert may_be_told([(500,), (400,), (0,)], CMS) == (True, True, True)


def test_shares_are_in_whole_percent_of_rounded_counts():
    assert shares_told([1_000, 500], [333, 100], CMS) == ["33 %", "20 %"]
    assert shares_told([1_003, 502], [52, 104], NHS) == ["5 %", "21 %"]
    assert shares_told([200, 100], [40, 3], CMS) == [None, None]
    assert shares_told([0, 300], [0, 100], CMS) == [None, "33 %"]


def test_a_small_share_keeps_a_decimal():
    assert in_words(Estimate(0.104, 0.083, 0.131)) == "10 % (8 to 13)"
    assert in_words(Estimate(0.0123, 0.0071, 0.0204)) == "1.2 % (0.7 to 2.0)"


@pytest.fixture
def drawn():
    groups = [
        MappedGroup("A: come often", 2.0, 0.2, 1.2, 1.0, 30.0),
        None,
        MappedGroup("C: come seldom", -2.0, 1.5, 1.1, 0.9, 0.0),
    ]
    return map_figure(
        id="group_map",
        title="Map",
        caption="Ellipses.",
        source=["group_map"],
        groups=groups,
        directions=Directions(
            "come seldom", "come often", "seldom miss", "miss often, " * 5 + "call off often"
        ),
    )


def test_the_map_says_in_words_where_each_group_lies(drawn):
    assert "A: come often lies toward “come often” and near the middle" in drawn.alt
    assert "C: come seldom lies toward “come seldom” and toward “miss often" in drawn.alt
    assert "B" not in re.findall(r">(\w)<", drawn.wide)


def test_words_at_the_ends_break_where_a_phone_has_no_room(drawn):
    texts = re.findall(r"<text[^>]*>([^<]*)<", drawn.narrow)
    assert max(len(text) for text in texts) <= 43
    assert sum("miss often" in text for text in texts) >= 2


def test_a_group_has_its_color_whether_or_not_others_are_shown(drawn):
    colors = set(re.findall(r"var\(--(s\d)\)", drawn.wide))
    assert colors == {"s1", "s3"}


def test_no_group_to_draw_is_an_error():
    with pytest.raises(ValueError, match="no group"):
        map_figure(
            id="m",
            title="t",
            caption="",
            source=[],
            groups=[None],
            directions=Directions("a", "b", "c", "d"),
        )


def test_ellipses_lie_within_the_frame(drawn):
    width, height = (float(part) for part in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn.wide).groups())
    numbers = [
        float(found)
        for path in re.findall(r' d="([^"]+)"', drawn.wide)
        for found in re.findall(r"-?\d+\.?\d*", path)
    ]
    assert np.max(numbers) <= max(width, height)
