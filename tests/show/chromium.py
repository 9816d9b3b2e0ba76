"""Headless Chromium for tests of pages: `browser`, a fixture to import, and how to open a report in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.fail("chromium not found: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


def visit(browser: webdriver.Chrome, report: Path) -> webdriver.Chrome:
    """Open a report and wait until its script has unpacked the predictions."""
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.get(report.as_uri())
    return unpacked(browser)


def unpacked(browser: webdriver.Chrome) -> webdriver.Chrome:
    ready = "return document.documentElement.dataset.ready !== undefined"
    WebDriverWait(browser, 30).until(lambda b: b.execute_script(ready))
    return browser


def complaints(browser: webdriver.Chrome) -> list[dict]:
    return [line for line in browser.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]
