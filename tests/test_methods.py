"""Every method's page stands in the list of methods."""

import re
from pathlib import Path

METHODS = Path(__file__).parents[1] / "docs" / "methods"


def test_every_page_of_methods_is_listed():
    listed = re.findall(r"^- \[[^\]]+\]\(([\w-]+\.md)\)$", (METHODS / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(page.name for page in METHODS.glob("*.md") if page.name != "README.md")
