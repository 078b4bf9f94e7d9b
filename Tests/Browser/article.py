"""The page of articles under test: built, served by a hub, looked at."""

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

REPOSITORY = Path(__file__).resolve().parents[2]
ARTICLE = REPOSITORY / "examples/article"
LIMIT = 30_000

# What a person sees, in both languages of the page.
WORDS = {
    "en": {
        "prompt": "Subject", "sections": "Sections", "write": "Write the article", "live": "Live", "cancel": "Cancel",
        "retry": "Try again", "poll": "Poll every 3 s", "stream": "Stream", "asking": "Asks every 3 s",
        "none": "No articles yet", "ready": "is ready", "cancelled": "was cancelled", "progress": "Progress",
    },
    "fa": {
        "prompt": "موضوع", "sections": "شمار بخش‌ها", "write": "مقاله را بنویس", "live": "زنده", "cancel": "لغو",
        "retry": "تلاش دوباره", "poll": "پرسش هر ۳ ثانیه", "stream": "جریان زنده", "asking": "هر ۳ ثانیه می‌پرسد",
        "none": "هنوز مقاله‌ای نیست", "ready": "آماده است", "cancelled": "لغو شد", "progress": "پیشرفت",
    },
}  # fmt: skip

# What is empty of the places in which something is to be seen: neither words, nor a picture with a size.
EMPTY = """() => [...document.querySelectorAll('main *, .top *, .toasts *')]
    .filter((element) => element.checkVisibility() && !element.closest('[role="progressbar"], .mark, select, textarea'))
    .filter((element) => !element.matches('input, img, br') && !element.querySelector('img, input, [role="progressbar"]'))
    .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return !element.innerText.trim() || ['false', 'undefined', 'null'].includes(element.innerText.trim())
            || !width || !height;
    })
    .map((element) => element.outerHTML.slice(0, 200))"""

# How far the bar's two ends are from those of its frame, in parts of its width: at the start and at the end of a line.
ENDS = """(bar) => {
    const [frame, done] = [bar.getBoundingClientRect(), bar.firstElementChild.getBoundingClientRect()];
    return { left: (done.left - frame.left) / frame.width, right: (frame.right - done.right) / frame.width };
}"""


@pytest.fixture(scope="module")
def site_of_articles():
    """The page's folder, built."""
    subprocess.run([ARTICLE / "build"], check=True, capture_output=True, text=True)
    return str(ARTICLE / "dist")


class Visit:
    """A page that somebody has opened, in one of the two languages."""

    def __init__(self, page, url, language="en"):
        self.page = page
        self.words = WORDS[language]
        page.goto(url)
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("#connection")).to_have_text(self.words["live"], timeout=LIMIT)

    @property
    def sheet(self):
        """The article that is looked at."""
        return self.page.get_by_role("article")

    @property
    def bar(self):
        return self.sheet.get_by_role("progressbar", name=self.words["progress"])

    def ask(self, prompt, sections=3):
        """Asks for an article as a person would; its sheet."""
        self.page.get_by_label(self.words["prompt"], exact=True).fill(prompt)
        self.page.get_by_label(self.words["sections"], exact=True).select_option(str(sections))
        self.press("write")
        expect(self.sheet.get_by_role("heading", level=2)).to_have_text(prompt, timeout=LIMIT)
        return self.sheet

    def press(self, word):
        self.page.get_by_role("button", name=self.words[word]).click()

    def until(self, state):
        expect(self.sheet).to_have_attribute("data-state", state, timeout=LIMIT)

    def entry(self, prompt):
        return self.page.get_by_role("listitem").filter(has=self.page.locator(".name", has_text=prompt))

    def toast(self, words):
        expect(self.page.locator(".toast", has_text=self.words[words])).to_be_visible(timeout=LIMIT)

    def assert_nothing_empty(self):
        empty = self.page.evaluate(EMPTY)
        assert empty == [], empty
        lost = "[...document.images].filter((image) => image.complete && !image.naturalWidth).length"
        assert self.page.evaluate(lost) == 0, "a picture is missing"
