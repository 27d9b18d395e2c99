"""Identifiers are planted in every place of a clean candidate; each must be found and never be repeated."""

import base64
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_output

from workbench.present.blocks import BLOCK_TYPE, ProseBlock
from workbench.present.result import Verdict
from workbench.protection.watch_list import folded
from workbench.reports.release.identifiers import SHAPES, find_identifiers

LISTED = [
    "Maria Lopez-Ortega",
    "Lopez-Ortega, Maria",
    "MARIA LOPEZ-ORTEGA",
    "Seán O’Brien",
    "Maria.Lopez@Example.org",
    "555-010-0199",
    "+1 555 010 0199",
    "(555)010-0199",
    "87654321",
    "p-7f3ac90b12de",
    "P_7F3AC90B12DE",
]
SHAPED = [
    "someone.else@clinic.example.com",
    "212-555-0147",
    "(212) 555-0147",
    "+44 7700 900123",
    "020 7946 0018",
    "2125550147",
    "555-0199",
    "MRN 12345678",
    "MRN: AB-123456",
    "record no. 1234567",
    "078-05-1120",
    "SSN 078051120",
    "born on 12 March 1980",
    "DOB 03/12/1980",
    "date of birth: 1980-03-12",
    "42 North Willow Street",
    "1207 Elm Ave.",
    "MRN_40718223",
    "212\u2011555\u20110147",
]
PLACES = {
    "title": ("<title>Wording", "<title>{} Wording"),
    "heading": ("What it did</h2>", "What it did {}</h2>"),
    "paragraph": ("31 (18 to 44)", "of {} 31 (18 to 44)"),
    "table cell": ("<td>2,111</td>", "<td>{}</td>"),
    "caption": ("<caption>Arms", "<caption>Arms {}"),
    "figure": ("More bookings</text>", "{}</text>"),
    "comment": ("<footer>", "<footer><!-- {} -->"),
    "attribute": ('aria-label="Verdict"', 'aria-label="{}"'),
    "data attribute": ('<p class="headline">', '<p class="headline" data-row="{}">'),
    "figure's attribute": ('aria-label="Interval plot', 'aria-label="{}, interval plot'),
    "link": ("#verdict", "#{}"),
}


def identifying(examined, candidate, planted):
    """The findings about identifiers, none of which may repeat what was planted."""
    findings = list(find_identifiers(candidate, examined.watch_list))
    told = folded(" ".join(map(str, findings)))
    parts = set(re.findall(r"\w{4,}", folded(planted))) - {"record", "birth", "date", "line", "street"}
    assert not [part for part in parts if part in told]
    return findings


def with_page(examined, old, new):
    clean = examined.candidate()
    assert old in clean.html
    return replace(clean, html=clean.html.replace(old, new, 1))


@pytest.mark.parametrize("planted", LISTED[:1] + LISTED[-4:-1] + SHAPED[:2])
@pytest.mark.parametrize("place", PLACES)
def test_found_in_each_place_of_the_page(examined, place, planted):
    old, new = PLACES[place]
    assert identifying(examined, with_page(examined, old, new.format(planted)), planted)


@pytest.mark.parametrize("planted", LISTED + SHAPED)
@pytest.mark.parametrize("place", ["paragraph", "attribute"])
def test_found_however_it_is_written(examined, place, planted):
    test_found_in_each_place_of_the_page(examined, place, planted)


@pytest.mark.parametrize("planted", LISTED[:1] + LISTED[-4:-1] + SHAPED[:2] + SHAPED[7:8])
def test_found_in_each_place_beside_the_page(examined, planted):
    clean = examined.candidate()

    def found(**changes):
        return identifying(examined, replace(examined.candidate(), **changes), planted)

    def in_notebook(change):
        notebook = examined.candidate().notebook
        change(notebook)
        return found(notebook=notebook)

    def shown(notebook):
        block = ProseBlock(text=f"We thank {planted} for it.").model_dump(mode="json")
        notebook.cells[1].outputs.append(new_output("display_data", data={BLOCK_TYPE: block}))

    verdict = Verdict(decision="adopt", headline=f"Send it to {planted}.", reasons=["More."])
    assert found(file_names=(f"{planted}.html",))
    assert found(manifest={**clean.manifest, "note": planted})
    assert found(manifest={**clean.manifest, "parameters": {"ids": [1, [planted]]}})
    assert found(manifest={**clean.manifest, planted: 1})
    assert found(result=clean.result.model_copy(update={"verdict": verdict}))
    assert in_notebook(lambda notebook: notebook.cells[1].update(source=f"# {planted}"))
    assert in_notebook(lambda notebook: notebook.cells[0].update(source=f"Thanks to **{planted}**"))
    assert in_notebook(lambda notebook: notebook.cells[1].metadata.update(tags=[planted]))
    assert in_notebook(lambda notebook: notebook.metadata.update(author=planted))
    assert in_notebook(shown)


@pytest.mark.parametrize(
    ("split", "planted"),
    [
        ("<b>555</b>-0199", "555-0199"),
        ("<b>555-0199</b>twice", "555-0199"),
        ("<i>Maria</i><b>Lopez-Ortega</b>", "Maria Lopez-Ortega"),
        ("Maria\u200b Lopez\u00ad-Ortega", "Maria Lopez-Ortega"),
        ("p-7f3<span>ac90</span>b12de", "p-7f3ac90b12de"),
        ("8765<wbr>4321", "87654321"),
        ("someone<em>@</em>example.com", "someone@example.com"),
        ("someone&#64;example.com", "someone@example.com"),
        ("Maria</p><p>Lopez-Ortega", "Maria Lopez-Ortega"),
        ("<svg role='img' aria-label='x'><text>212-<tspan>555</tspan>-0147</text></svg>", "212-555-0147"),
        ("２１２-555-0147", "212-555-0147"),
    ],
)
def test_found_where_tags_or_signs_part_it(examined, split, planted):
    assert identifying(examined, with_page(examined, "31 (18 to 44)", split), planted)


def test_a_name_in_neighboring_cells_is_found(examined):
    rows = "<td>Maria</td><td>Lopez-Ortega</td>"
    assert identifying(examined, with_page(examined, "<td>2,111</td><td>141</td>", rows), "Maria Lopez-Ortega")


@pytest.mark.parametrize(
    "planted", ["maria.lopez@example.org", "212-555-0147", "Maria Lopez-Ortega", "555-0199"]
)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda raw: base64.b64encode(raw).decode(),
        lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="),
        lambda raw: base64.b64encode(base64.b64encode(raw)).decode(),
        lambda raw: raw.hex(),
        lambda raw: "".join(f"%{byte:02x}" for byte in raw),
        lambda raw: "".join(f"%25{byte:02x}" for byte in raw),
        lambda raw: base64.b32encode(raw).decode(),
        lambda raw: raw.hex(" "),
        lambda raw: base64.b64encode(raw.hex().encode()).decode(),
        lambda raw: base64.b64encode(raw.decode().encode("utf-16-le")).decode(),
        lambda raw: "".join(f"={byte:02X}" for byte in raw),
        lambda raw: "".join(f"\\u{byte:04x}" for byte in raw),
        lambda raw: "".join(f"\\\\x{byte:02x}" for byte in raw),
        lambda raw: "".join(f"\\{byte:06x}" for byte in raw),
        lambda raw: "".join(f"\\{byte:x} " for byte in raw) + "\\20 ",
        lambda raw: "".join(f"&amp;#{byte};" for byte in raw),
        lambda raw: (
            "data:image/svg+xml;base64," + base64.b64encode(b"<svg><text>" + raw + b"</text></svg>").decode()
        ),
        lambda raw: (
            "data:image/png;base64,"
            + base64.b64encode(b"\x89PNG\r\n" + bytes(range(256)) + b"tEXt\x00" + raw + b"\x00\xff").decode()
        ),
    ],
    ids=[
        *(
            "base64",
            "url-safe",
            "twice",
            "hex",
            "percent",
            "percent twice",
            "base32",
            "hex apart",
            "hex in base64",
        ),
        *("UTF-16", "mail", "JSON", "Python", "style", "style, short", "entities", "drawn", "of dots"),
    ],
)
def test_found_in_encodings(examined, wrap, planted):
    hidden = wrap(planted.encode())
    assert identifying(examined, with_page(examined, "31 (18 to 44)", f"see {hidden} there"), planted)
    assert identifying(examined, with_page(examined, 'class="headline"', f'data-x="{hidden}"'), planted)


def test_a_source_that_looks_like_markup_is_read_as_text(examined):
    notebook = examined.candidate().notebook
    notebook.cells[1].source = "if a <maria lopez-ortega> 1: pass"
    candidate = replace(examined.candidate(), notebook=notebook)
    assert identifying(examined, candidate, "Maria Lopez-Ortega")


@pytest.mark.parametrize(
    "harmless",
    [
        "2,111 of 4,215 patients; 480 v 552",
        "2026-11-23 to 2026-12-07",
        "from 0.12345678901 to 123.4567890123",
        "a = b@c.T + x@weights.mean()",
        "version 2.13.555-rc1, commit 5e1c9d2",
        "known by birth year as of 2026-11-23",
        "12 of 40 people on the road; 30 text messages",
        "n_people = 1_204; x = y\\n2",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "1234567890123456789012345678901234567890123456789012345678901234",
        "Maria",
        "Lopez",
    ],
)
def test_what_only_looks_like_an_identifier_is_left_alone(examined, harmless):
    assert not identifying(examined, with_page(examined, "31 (18 to 44)", harmless), "")
    manifest = {"note": harmless, "number": 5550100199}
    assert not identifying(examined, replace(examined.candidate(), manifest=manifest), "")


@given(st.binary(min_size=32, max_size=32))
def test_no_hash_is_taken_for_an_identifier(digest):
    text = f"sha256 {digest.hex()}, 20261123T060000Z-{digest.hex()[:8]}"
    assert not any(shape.search(text) for shape in SHAPES.values())
