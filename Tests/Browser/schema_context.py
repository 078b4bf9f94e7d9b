"""The page that has a database described, under test: built, served by a hub, looked at."""

import sqlite3
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples/schema-context"
LIMIT = 30_000
STEPS = ["Scanning", "Indexing", "Analyzing", "Generating", "Optimizing"]

# What is empty of the places in which something is to be seen.
EMPTY = """() => [...document.querySelectorAll('section, dialog, dialog *, h1, h2, h3, p, li, dd, dt, pre, button')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('[role="progressbar"]'))
    .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return !element.matches('.toast') && (!element.textContent.trim() || !width || !height);
    })
    .map((element) => element.outerHTML.slice(0, 200))"""

# Notes each message and each step that the modal shows, in order.
WATCH = """() => {
    window.seen = [];
    const look = () => {
        const step = document.querySelector('#steps [data-step="now"]')?.innerText.replace(/[^A-Z]*([A-Z][a-z]+)[^]*/, '$1');
        const line = `${step}: ${document.getElementById('message').textContent}`;
        if (step && seen.at(-1) !== line) seen.push(line);
    };
    new MutationObserver(look).observe(document.getElementById('dialog'),
        { subtree: true, childList: true, characterData: true, attributes: true });
}"""


@pytest.fixture(scope="module")
def example():
    """The page's folder, built."""
    subprocess.run([EXAMPLE / "build"], check=True, capture_output=True, text=True)
    return str(EXAMPLE / "dist")


def database(path, tables=59):
    """An SQLite file with as many tables of three columns, each of which names the one before."""
    with sqlite3.connect(path) as file:
        for number in range(tables):
            link = f" REFERENCES area{number % 6}_t{number - 6}" if number >= 6 else ""
            name = f"area{number % 6}_t{number}"
            file.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, parent INTEGER{link}, changed_at TEXT)")
    file.close()
    return path


def visit(page, hub):
    page.goto(f"{hub.url}/app/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def give(page, path, force=False):
    """Gives a file as a person would; the modal."""
    page.get_by_label("SQLite file").set_input_files(path)
    page.get_by_label("Describe it anew").set_checked(force)
    page.get_by_role("button", name="Generate context").click()
    return page.get_by_role("dialog")


def assert_nothing_empty(page):
    assert page.evaluate(EMPTY) == []


def assert_focus_inside(page):
    assert page.evaluate("document.activeElement.closest('dialog') !== null"), "the focus has left the dialog"


def until_ready(page):
    """The context that was made."""
    expect(page.get_by_role("heading", name="The context", exact=True)).to_be_visible(timeout=LIMIT)
    return page.locator("#preview")
