import pytest

from workbench.reports.release.safety import find_unsafe

SCRIPT = "<" + "script>alert(1)</script>"


@pytest.fixture
def unsafe(examined):
    html = examined.candidate().html

    def found(old: str, new: str) -> bool:
        assert old in html
        findings = list(find_unsafe(html.replace(old, new, 1)))
        assert not any("evil" in str(finding) for finding in findings)
        return bool(findings)

    return found


@pytest.mark.parametrize(
    "planted",
    [
        SCRIPT,
        SCRIPT.upper(),
        "<iframe src='#'></iframe>",
        "<object data='#'></object>",
        "<embed src='#'>",
        "<link rel='stylesheet' href='results.json'>",
        "<base href='#'>",
        "<form action='#'><input></form>",
        "<noscript><p>x</p></noscript>",
        "<template><p>x</p></template>",
        "<video src='#'></video>",
        "<math><mi>x</mi></math>",
        "<p onclick='evil()'>x</p>",
        "<p ONMOUSEOVER=evil()>x</p>",
        "<a href='javascript:evil()'>x</a>",
        "<a href=' JaVa&#x09;Script:evil()'>x</a>",
        "<a href='https://evil.example'>x</a>",
        "<a href='//evil.example'>x</a>",
        "<a href='other.html'>x</a>",
        "<a href='../results.json'>x</a>",
        "<a href='data:text/html,evil'>x</a>",
        "<a href='#verdict' ping='https://evil.example'>x</a>",
        "<img src='https://evil.example/a.png' alt='x'>",
        "<img src='a.png' alt='x'>",
        "<img src='data:text/html,evil' alt='x'>",
        "<img srcset='https://evil.example/a.png 2x' alt='x'>",
        "<p style='background:url(https://evil.example)'>x</p>",
        r"<p style='background:\75rl(https://evil.example)'>x</p>",
        "<p style='background:url(a.png)'>x</p>",
        "<style>@import 'evil.css';</style>",
        "<style>p{background:image-set('evil.png' 1x)}</style>",
        '<style>p{background:url("https://evil.example")}</style>',
        "<style>p{background:url( //evil.example )}</style>",
        "<meta http-equiv='refresh' content='0;url=#'>",
        "<svg><foreignObject><p>x</p></foreignObject></svg>",
        "<svg><animate attributeName='href' to='#'/></svg>",
        "<svg><set attributeName='href'/></svg>",
        f"<svg>{SCRIPT}</svg>",
        "<svg onload='evil()'></svg>",
        "<svg><use href='https://evil.example/a.svg#x'/></svg>",
        "<svg><use xlink:href='evil.svg#x'/></svg>",
        "<svg><image href='https://evil.example/a.png'/></svg>",
        "<svg><a href='#verdict'><text>x</text></a></svg>",
        "<svg><path fill='url(https://evil.example#x)'/></svg>",
        "<svg><metadata>x</metadata></svg>",
        "<svg xmlns='http://evil.example'></svg>",
        "<?xml version='1.0'?>",
        "<![CDATA[evil]]>",
    ],
)
def test_what_a_page_may_not_hold(unsafe, planted):
    assert unsafe('<section id="verdict"', planted + '<section id="verdict"')


@pytest.mark.parametrize(
    "planted",
    [
        "<a href='#verdict'>x</a><a href='results.json'>x</a><a href='notebook.ipynb'>x</a>",
        "<a href='manifest.json'>x</a><a href='../../../index.html'>x</a>",
        "<img src='data:image/png;base64,iVBORw0KGgo=' alt='x'>",
        "<p style='color:var(--ink);background:url(data:image/png;base64,iVBORw0KGgo=)'>x</p>",
        "<svg viewBox='0 0 9 9'><clipPath id='c'><rect x='0' y='0' width='9' height='9'/></clipPath>"
        "<path clip-path='url(#c)' d='M 0 0' style='fill: url(#c)'/><use xlink:href='#c'/></svg>",
        "<details open><summary>x</summary>y</details>",
        "<!-- a remark -->",
    ],
)
def test_what_a_page_may_hold(unsafe, planted):
    assert not unsafe('<section id="verdict"', planted + '<section id="verdict"')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("default-src 'none'; ", ""),
        ("img-src data:", "img-src data: https:"),
        ("Content-Security-Policy", "X-Policy"),
        ("<head>", "<head><meta http-equiv='Content-Security-Policy' content='default-src *'>"),
        ("<!doctype html>", "<!doctype html SYSTEM 'about:legacy-compat'>"),
    ],
)
def test_the_policy_stands_once_and_exactly(unsafe, old, new):
    assert unsafe(old, new)
