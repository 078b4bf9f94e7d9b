"""The hub with a real server of a real model: llama.cpp's, with weights drawn at random."""

import time

import pytest

from support.providers.llama import MODEL, Llama
from support.providers.made import Made, text_flags, text_of
from support.wait import eventually


@pytest.fixture(scope="module")
def made():
    # It babbles to its end, which may be far beyond what a post usually has.
    flags = ("--text-max-tokens", "16000")
    with Llama() as llama, Made(llama, *text_flags(llama), *flags) as made:
        yield made


def test_a_person_is_made_from_nothing(made):
    influencer = made.influencer()
    assert influencer["persona"]["name"] == influencer["name"]
    assert sum(slot.get("id_task", -1) >= 0 for slot in made.peer.get("/slots")) > 0, (
        "it was not asked"
    )


def test_a_post_streams_as_it_is_written(made):
    for number in range(5):
        post, job = made.post(f"clay {number}")
        events = made.jobs.follow(job, "content")
        row = made.jobs.job(job)
        assert row["state"] == "succeeded" and row["attempt"] == 1 and row["model"] == MODEL, row
        content = made.jobs.get(f"/posts/{post}")["content"]
        assert text_of(events) == content
        assert row["partial_content_length"] == len(content.encode())
        assert row["input_tokens"] > 20 and row["output_tokens"] > 0
        assert row["total_tokens"] == row["input_tokens"] + row["output_tokens"]
        assert row["tokens_per_second"] > 0


def test_many_posts_at_once_share_its_two_slots(made):
    jobs = [made.post(f"crowd {number}")[1] for number in range(12)]
    for job in jobs:
        row = made.jobs.until_final(job)
        assert row["state"] == "succeeded" and row["attempt"] == 1, row


def test_a_text_that_reaches_the_limit_is_no_post():
    with Llama("slow", slots=1) as llama:
        # It never ends by itself.
        with Made(llama, *text_flags(llama), "--text-max-tokens", "20") as made:
            row = made.jobs.until_final(made.persona())
            assert row["state"] == "failed" and row["attempt"] == 1, row
            assert "cut off after 20 tokens: --text-max-tokens (now 20)" in row["error"], row
            assert row["output_tokens"] == 20 and row["result"] is None


def writing(made):
    """The job of a persona that is being written."""
    job = made.persona()
    eventually(lambda: made.jobs.job(job)["current_tokens"] > 5, "some tokens")
    return job


def test_a_cancel_frees_the_slot():
    with Llama("slow", slots=1) as llama:
        with Made(llama, *text_flags(llama)) as made:
            job = writing(made)
            assert llama.busy_slots() == 1
            made.jobs.post(f"/jobs/{job}/cancel", status=200)
            began = time.monotonic()
            eventually(lambda: llama.busy_slots() == 0, "a free slot")
            assert time.monotonic() - began < 2


def test_a_server_that_ends_in_the_midst_is_tried_again():
    with Llama("slow", slots=1) as llama, Made(llama, *text_flags(llama)) as made:
        job = writing(made)
        llama.stop()
        made.assert_retried_later(job)


def test_a_server_that_is_stopped_short_counts_as_silent():
    with Llama("slow", slots=1) as llama:
        with Made(llama, *text_flags(llama), "--stall-timeout", "0.5") as made:
            job = writing(made)
            llama.freeze()
            made.assert_retried_later(job)
