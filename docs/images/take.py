"""Take the README's pictures: the tops of the sample reports, wide and on a phone."""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
# Study, width of the window, and the element with whose end the picture ends.
PICTURES = {
    "report.png": ("ab_test", 1200, "figure >> nth=0"),
    "report-phone.png": ("ab_test", 390, "figure >> nth=0"),
    "no-show.png": ("no_show", 1000, "#report_verdict"),
    "segmentation.png": ("segmentation", 1000, "#report_verdict"),
}
MARGIN = 24


def take(browser: Browser, page_file: Path, picture: Path, width: int, last: str) -> None:
    """One picture of a page's top, down to the end of the element `last`."""
    page = browser.new_page(viewport={"width": width, "height": 1000}, color_scheme="light")
    page.goto(page_file.as_uri())
    box = page.locator(last).bounding_box()
    if box is None:
        raise SystemExit(f"{page_file} shows no {last}: run `make samples` again.")
    page.set_viewport_size({"width": width, "height": round(box["y"] + box["height"]) + MARGIN})
    page.screenshot(path=picture)
    page.close()


def main() -> None:
    """Take every picture into this folder."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no chromium on the path: install it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (study, width, last) in PICTURES.items():
            take(browser, HERE.parent / "samples" / study / "report.html", HERE / name, width, last)


main()
