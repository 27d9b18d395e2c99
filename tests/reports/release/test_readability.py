import pytest

from workbench.reports.release.readability import find_unreadable


@pytest.fixture
def unreadable(examined):
    html = examined.candidate().html

    def found(old: str, new: str) -> list[str]:
        assert old in html
        return [finding.advice for finding in find_unreadable(html.replace(old, new, 1))]

    return found


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ('<html lang="en">', "<html>", "language"),
        ("<title>Wording, A/B analysis, 23 Nov 2026</title>", "<title> </title>", "title"),
        ("<h1>", "<h1>x</h1><h1>", "exactly one h1"),
        ("<h1>Does <em>motivational</em> wording bring patients back?</h1>", "", "exactly one h1"),
        ("<header>", "<header><h2>x</h2>", "first heading"),
        ("<footer>", "<div>", "<footer>"),
        ("<main>", "<div>", "<main>"),
        ('<nav aria-label="In this report">', "<div>", "<nav>"),
        ("<main>", "<main><nav></nav>", "Name each <nav>"),
        ('<h2 id="effect">What it did</h2>', '<h3 id="effect">What it did</h3>', "one level"),
        ("What it did</h2>", "</h2>", "empty"),
        ("<caption>Arms</caption>", "", "caption"),
        ("<caption>Arms</caption>", "<caption></caption>", "caption"),
        ('<th scope="col">Arm', "<th>Arm", "scope"),
        ('<th scope="row">generic', '<th scope="x">generic', "scope"),
        ('role="img" aria-label="Interval plot of two arms."', 'role="img"', "aria-label"),
        ('role="img" aria-label="Interval plot of two arms."', 'aria-label="x"', "aria-label"),
        ('role="img" aria-label="Interval plot of two arms."', 'aria-hidden="true"', "aria-label"),
        ('aria-label="Interval plot of two arms."', 'aria-labelledby="nowhere"', "not in the page"),
        ("<footer>", '<footer><img src="data:image/png;base64,x">', "alternative"),
        ("<footer>", "<footer><figure><figcaption>x</figcaption></figure>", "shows nothing"),
        ("<footer>", '<footer><p id="verdict">x</p>', "used once"),
        ("<footer>", '<footer><a href="#nowhere">x</a>', "not in the page"),
        (
            "<footer>",
            '<footer><svg aria-hidden="true"><path clip-path="url(#nowhere)"/></svg>',
            "not in the page",
        ),
    ],
)
def test_what_keeps_people_from_reading(unreadable, old, new, advice):
    assert any(advice in found for found in unreadable(old, new))


@pytest.mark.parametrize(
    "new",
    [
        '<footer><svg aria-hidden="true"><path d="M0 0"/></svg>',
        '<footer><nav aria-label="More">x</nav>',
        '<footer><p id="a">Plot</p><svg role="img" aria-labelledby="a"></svg>',
        '<footer><a href="#verdict">x</a><h2>x</h2><h3>y</h3><h2>z</h2>',
    ],
)
def test_what_reads_well(unreadable, new):
    assert unreadable("<footer>", new) == []
