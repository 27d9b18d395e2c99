"""Take the README's pictures: the top of the newest report on motivational wording, wide and on a phone."""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from workbench.project import project_root, reports_folder

STUDY, NAME = "ab_test", "motivational_wording"
# Width of the window, and the element with whose end the picture ends.
PICTURES = {"report.png": (1200, "figure >> nth=0"), "report-phone.png": (390, "figure >> nth=0")}
MARGIN = 24


def take(browser: Browser, page_file: Path, picture: Path, width: int, last: str) -> None:
    """One picture of a page's top, down to the end of the element `last`."""
    page = browser.new_page(viewport={"width": width, "height": 1000}, color_scheme="light")
    page.goto(page_file.as_uri())
    box = page.locator(last).bounding_box()
    if box is None:
        raise SystemExit(f"The report shows no {last}: run the parameter set {STUDY}/{NAME} again.")
    page.set_viewport_size({"width": width, "height": round(box["y"] + box["height"]) + MARGIN})
    page.screenshot(path=picture)
    page.close()


def main() -> None:
    """Take every picture into this folder."""
    report = reports_folder(project_root()) / STUDY / NAME / "latest" / "report.html"
    if not report.exists():
        raise SystemExit(f"There is no report: run `workbench run params/{STUDY}/{NAME}.yaml`.")
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no chromium on the path: install it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (width, last) in PICTURES.items():
            take(browser, report, Path(__file__).parent / name, width, last)


main()
