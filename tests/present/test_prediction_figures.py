"""Figures of predictions: what a page may hold, told in words too, and drawn for a phone."""

from xml.etree import ElementTree as ET

import pytest

from workbench.present.prediction_figures import (
    Line,
    Observed,
    ScoreRow,
    calibration_figure,
    lines_figure,
    score_figure,
)
from workbench.present.svg import checked

WORDS = {"id": "shown", "title": "The model is ahead", "caption": "Line: 95 %.", "source": ["scores"]}


def scores():
    rows = [ScoreRow("chance", 0.5, 0.5, 0.5), ScoreRow("boosting", 0.728, 0.72, 0.735), ScoreRow("few", None)]
    return score_figure(**WORDS, rows=rows, axis="AUROC", reference=(0.5, "no better than chance"))


def calibration():
    points = [Observed(0.05, 0.04, 0.02, 0.06), Observed(0.3, 0.33, 0.29, 0.37)]
    return calibration_figure(**WORDS, points=points)


def lines():
    return lines_figure(
        **WORDS,
        lines=[
            Line("by the model", [0, 5, 10], [0, 0.4, 0.6], [0, 0.3, 0.5], [0, 0.5, 0.7]),
            Line("by chance", [0, 5, 10], [0, 0.1, 0.2], series=2),
        ],
        axis="calls per day",
        measure="share caught",
        x_words=lambda value: f"{value:.0f}",
        y_words=lambda value: f"{100 * value:.0f} %",
        asked=(5, "5 calls"),
    )


@pytest.mark.parametrize("figure", [scores, calibration, lines])
def test_a_page_may_hold_both_forms_and_they_are_the_same_each_time(figure):
    first, second = figure(), figure()
    assert first == second
    for svg in (first.wide, first.narrow):
        assert checked(svg) == svg
        ET.fromstring(svg)
        assert "nan" not in svg


def test_numbers_are_told_in_the_alternative_text():
    assert "boosting: 0.728 (0.720 to 0.735); few: not shown" in scores().alt
    assert "predicted 30.0 %, observed 33.0 % (29.0 to 37.0 %)" in calibration().alt
    assert "by the model: 0: 0 %; 5: 40 %; 10: 60 %" in lines().alt


def test_names_are_in_the_drawing():
    for svg in (lines().wide, lines().narrow):
        assert "by the model" in svg
        assert "5 calls" in svg
