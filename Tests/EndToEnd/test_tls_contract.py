"""Tests of the contract that other modules run without TLS, here with it: they see no difference."""

import pytest
from test_half_closed import (  # noqa: F401
    test_presence_falls_at_once_when_a_client_has_gone,
)
from test_publish import (  # noqa: F401
    test_a_body_in_chunks_is_taken,
    test_a_client_that_expects_100_continue_gets_it,
    test_an_array_of_a_thousand_is_taken_and_of_a_thousand_and_one_refused,
    test_an_error_within_pipelined_publishes_is_answered_in_its_place,
    test_concurrent_publishers_lose_nothing_and_all_streams_agree,
    test_pipelined_publishes_are_answered_in_order,
)
from test_requests import (  # noqa: F401
    test_a_body_over_1_mib_is_answered_413_though_the_client_still_sends,
    test_connection_close_is_honoured,
    test_headers_that_are_too_large_are_answered_431,
)
from test_resume import (  # noqa: F401
    test_a_drop_at_any_point_resumes_without_loss_and_without_repeats,
    test_a_replay_of_thousands_is_complete_and_goes_live,
    test_nothing_falls_between_replay_and_live,
)
from test_stream import (  # noqa: F401
    test_a_stream_may_follow_other_requests_on_a_connection,
    test_an_http_1_0_client_gets_a_stream_without_chunks,
    test_bytes_pipelined_behind_a_stream_request_are_ignored,
    test_every_stream_gets_the_event,
    test_events_arrive_in_the_order_of_their_ids,
)

from support.certificates import Certificates
from support.hub import Hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A hub that speaks TLS, in place of the one without."""
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    # A reader on a busy machine may be slow.
    with Hub("--broadcast-timeout", "30", tls=certificates) as hub:
        yield hub
        hub.assert_healthy()
