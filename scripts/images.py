"""`python -m scripts.images runs/quickstart runs/rates`: the pictures of the README, from finished studies.

`report.png` is the head of the first one's report in headless Chromium; `search.png` the figure of all candidates of
the second one's search, the study of docs/guide/search.md.
"""

from __future__ import annotations

import argparse
import base64
import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

IMAGES = Path("docs/images")
SIZE = {"width": 960, "height": 1000, "deviceScaleFactor": 1.5, "mobile": False}
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="folder of a finished study")
    parser.add_argument("search", type=Path, nargs="?", help="folder of a finished study with a search")
    arguments = parser.parse_args()
    picture = Image.open(io.BytesIO(head(arguments.study / "report.html"))).convert("RGB")
    picture.save(IMAGES / "report.png", optimize=True)
    if arguments.search:
        (figure,) = (arguments.search / "figures").glob("search-1-*-parallel.png")
        Image.open(figure).convert("RGB").save(IMAGES / "search.png", optimize=True)


def head(page: Path) -> bytes:
    """The first screen of a page in the light theme, as PNG."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SIZE)
            light = {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", light)
            browser.get(page.resolve().as_uri())
            return base64.b64decode(browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"])
        finally:
            browser.quit()


if __name__ == "__main__":
    main()
