"""Live queries: pages, pauses, interruptions, lost connections; nothing is left running unsaid."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.fakes.aws import FakeAws, client_error
from tests.fakes.cloudformation import Clock

from axonwatch.errors import CallDenied, CouldNotRun, UsageError
from axonwatch.live.faults import Unreachable
from axonwatch.live.interrupts import uninterrupted
from axonwatch.live.logs import Follower, QueryRun, Question, Runner, Statistics, estimate_bytes
from axonwatch.live.prices import money, prices_of, size_in_words
from axonwatch.model.links import Window

END = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WINDOW = Window(END - timedelta(hours=1), END)
GROUPS = ("/ecs/axonflow-prod/agent",)
QUESTION = Question("fields @message", GROUPS, WINDOW)
LOST = Unreachable("the connection broke")


def row(**fields: str) -> list[dict[str, str]]:
    return [
        {"field": name.replace("ptr", "@ptr"), "value": value} for name, value in fields.items()
    ]


def answer(
    status: str = "Complete", *rows: Any, scanned: float = 0.0, **more: Any
) -> dict[str, Any]:
    statistics = {"recordsMatched": 3.0, "recordsScanned": 10.0, "bytesScanned": scanned}
    return {"status": status, "results": list(rows), "statistics": statistics, **more}


@pytest.fixture
def aws() -> FakeAws:
    fake = FakeAws()
    fake.on("logs", "StartQuery", {"queryId": "q-1"})
    fake.on("logs", "StopQuery", {"success": True})
    return fake


def run(aws: FakeAws, question: Question = QUESTION, **more: Any) -> QueryRun:
    return Runner(aws, watch=Clock().watch(every=1.0, limit=600.0), **more).run(question)


def stopped(aws: FakeAws) -> bool:
    return {"queryId": "q-1"} in aws.asked("logs:StopQuery")


def test_a_query_is_started_polled_and_read(aws: FakeAws) -> None:
    seen: list[Statistics] = []
    aws.on(
        "logs",
        "GetQueryResults",
        answer("Scheduled"),
        answer("Running", scanned=5.0),
        answer("Complete", row(a="1", b="x"), row(a="2"), scanned=9.0),
    )
    found = run(aws, told=seen.append)
    assert found.columns == ("a", "b")
    assert found.rows == ({"a": "1", "b": "x"}, {"a": "2"})
    assert found.statistics == Statistics(matched=3, scanned=10, bytes=9)
    assert [one.bytes for one in seen] == [0, 5, 9]
    assert aws.asked("logs:StartQuery") == [
        {
            "startTime": int(WINDOW.start.timestamp()),
            "endTime": int(WINDOW.end.timestamp()),
            "queryString": "fields @message",
            "logGroupNames": list(GROUPS),
        }
    ]
    assert not stopped(aws)


def test_all_pages_are_read_past_ten_thousand_rows(aws: FakeAws) -> None:
    page = [row(n=str(n)) for n in range(10_000)]
    aws.on(
        "logs",
        "GetQueryResults",
        answer("Complete", *page, nextToken="t1"),
        answer("Complete", *page, nextToken="t2"),
        answer("Complete", row(n="last")),
    )
    found = run(aws, Question("fields n | limit 100000", GROUPS, WINDOW, limit=50_000))
    assert len(found.rows) == 20_001
    assert [asked.get("nextToken") for asked in aws.asked("logs:GetQueryResults")] == [
        None,
        "t1",
        "t2",
    ]
    assert aws.asked("logs:StartQuery")[0]["limit"] == 50_000


def test_a_silent_cut_is_seen() -> None:
    rows = tuple({"n": "1"} for _ in range(10_000))
    assert QueryRun("q", "Complete", ("n",), rows, Statistics(matched=10_001)).is_cut
    assert not QueryRun("q", "Complete", ("n",), rows, Statistics(matched=10_000)).is_cut


def test_a_query_that_names_its_groups_itself_is_given_none(aws: FakeAws) -> None:
    aws.on("logs", "GetQueryResults", answer())
    text = "SOURCE logGroups(namePrefix: ['/ecs/']) | limit 1"
    run(aws, Question(text, GROUPS, WINDOW))
    assert "logGroupNames" not in aws.asked("logs:StartQuery")[0]


@pytest.mark.parametrize(
    "question",
    [
        Question("fields a", GROUPS * 51, WINDOW),
        Question("fields a", GROUPS, WINDOW, limit=0),
        Question("fields a", GROUPS, WINDOW, limit=100_001),
    ],
    ids=["51 groups", "no row", "too many rows"],
)
def test_what_the_service_would_refuse_is_refused_before(aws: FakeAws, question: Question) -> None:
    with pytest.raises(UsageError):
        run(aws, question)
    assert aws.calls == []


def interrupt(_: dict[str, Any]) -> Any:
    raise KeyboardInterrupt


def test_an_interruption_stops_the_query_and_keeps_what_there_is(aws: FakeAws) -> None:
    aws.on("logs", "GetQueryResults", answer("Running"), interrupt, answer("Cancelled", row(a="1")))
    found = run(aws)
    assert stopped(aws)
    assert found.stopped == "interrupted"
    assert found.rows == ({"a": "1"},)


def test_an_interruption_while_it_is_being_started_loses_no_query(aws: FakeAws) -> None:
    def pressed(_: dict[str, Any]) -> dict[str, str]:
        os.kill(os.getpid(), signal.SIGINT)
        return {"queryId": "q-1"}

    aws.on("logs", "StartQuery", pressed)
    aws.on("logs", "GetQueryResults", answer("Cancelled"))
    assert run(aws).stopped == "interrupted"
    assert stopped(aws)


def test_a_second_interruption_leaves_at_once() -> None:
    def twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        uninterrupted(twice)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interruption_between_pages_keeps_the_pages_so_far(aws: FakeAws) -> None:
    aws.on("logs", "GetQueryResults", answer("Complete", row(a="1"), nextToken="t"), interrupt)
    found = run(aws)
    assert found.rows == ({"a": "1"},)
    assert found.stopped == "interrupted"


def test_a_query_that_passes_its_price_is_stopped(aws: FakeAws) -> None:
    dear = 300_000_000_000.0
    aws.on("logs", "GetQueryResults", answer("Running", scanned=dear), answer("Cancelled"))
    found = run(aws, max_cost=1.0)
    assert stopped(aws)
    assert found.stopped == "it has cost $1.50 of $1.00"


def test_a_connection_lost_for_a_while_loses_nothing(aws: FakeAws) -> None:
    aws.on("logs", "GetQueryResults", LOST, LOST, answer("Complete", row(a="1")))
    assert run(aws).rows == ({"a": "1"},)


def test_a_connection_lost_for_good_tells_the_query(aws: FakeAws) -> None:
    aws.on("logs", "GetQueryResults", LOST)
    with pytest.raises(CouldNotRun, match="while query q-1 ran") as lost:
        run(aws)
    assert "aws logs get-query-results --query-id q-1" in lost.value.help
    assert stopped(aws)


def test_expired_credentials_tell_that_it_may_still_run(aws: FakeAws) -> None:
    aws.on("logs", "GetQueryResults", client_error("ExpiredToken"))
    with pytest.raises(CouldNotRun, match="query q-1 may still be running") as ended:
        run(aws)
    assert "aws sso login --profile ops; stop it: aws logs stop-query" in ended.value.help


@pytest.mark.parametrize("status", ["Failed", "Timeout", "Cancelled"])
def test_a_query_that_fails_says_how(aws: FakeAws, status: str) -> None:
    aws.on("logs", "GetQueryResults", answer(status))
    with pytest.raises(CouldNotRun, match=f"ended as {status}"):
        run(aws)


def test_a_query_that_never_ends_is_stopped(aws: FakeAws) -> None:
    aws.on("logs", "GetQueryResults", answer("Running"))
    with pytest.raises(CouldNotRun, match="was still Running after 600 s, and was stopped"):
        run(aws)
    assert stopped(aws)


def test_a_query_that_the_service_refuses_is_wrong_usage(aws: FakeAws) -> None:
    aws.on(
        "logs", "StartQuery", client_error("MalformedQueryException", "unexpected symbol found |")
    )
    with pytest.raises(UsageError, match="unexpected symbol found"):
        run(aws)


def test_too_many_queries_are_told_as_such(aws: FakeAws) -> None:
    aws.on("logs", "StartQuery", client_error("LimitExceededException"))
    with pytest.raises(CouldNotRun, match="too many queries are running"):
        run(aws)


def test_a_denied_start_names_action_and_group(aws: FakeAws) -> None:
    aws.denied = {"logs:StartQuery"}
    with pytest.raises(CallDenied, match="log group `/ecs/axonflow-prod/agent`"):
        run(aws)


def test_what_a_query_will_scan_is_what_came_in(aws: FakeAws) -> None:
    aws.on(
        "cloudwatch",
        "GetMetricData",
        {
            "MetricDataResults": [
                {"Id": "g0", "Values": [1000.0, 500.0]},
                {"Id": "g1", "Values": []},
            ]
        },
    )
    assert estimate_bytes(aws, [*GROUPS, "/other"], WINDOW) == 1500
    aws.on("cloudwatch", "GetMetricData", {"MetricDataResults": []})
    assert estimate_bytes(aws, GROUPS, WINDOW) is None
    month = Window(END - timedelta(days=30), END)
    estimate_bytes(aws, GROUPS, month)
    period = aws.asked("cloudwatch:GetMetricData")[-1]["MetricDataQueries"][0]["MetricStat"][
        "Period"
    ]
    assert period % 60 == 0
    assert 30 * 86_400 / period <= 1440


def test_following_gives_each_row_once(aws: FakeAws) -> None:
    one, two, three = row(ptr="p1", m="a"), row(ptr="p2", m="b"), row(ptr="p3", m="b")
    aws.on(
        "logs",
        "GetQueryResults",
        answer("Complete", one),
        answer("Complete", one, two),
        answer("Complete", two, three),
    )
    runner = Runner(aws, watch=Clock().watch(every=1.0))
    follower = Follower(runner, QUESTION)
    runs = [follower.first()]
    runs += [follower.next(END + timedelta(seconds=seconds)) for seconds in (30, 60)]
    assert [[r["@ptr"] for r in one.rows] for one in runs] == [["p1"], ["p2"], ["p3"]]
    starts = [asked["startTime"] for asked in aws.asked("logs:StartQuery")]
    assert starts == [WINDOW.start.timestamp(), END.timestamp() - 60, END.timestamp() - 30]


def test_prices_have_a_region_and_a_remark() -> None:
    assert prices_of("us-east-1").remark == ""
    assert "us-east-1" in prices_of("eu-central-1").remark
    assert prices_of("us-east-1").scanned(10**12) == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        (0, "$0"),
        (0.000012, "under $0.0001"),
        (0.0012, "$0.0012"),
        (0.5, "$0.50"),
        (1234.5, "$1,234.50"),
    ],
)
def test_sums_in_words(dollars: float, text: str) -> None:
    assert money(dollars) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(12, "12 bytes"), (1200, "1.2 kB"), (3_400_000_000, "3.4 GB"), (2e12, "2.0 TB")],
)
def test_sizes_in_words(size: float, text: str) -> None:
    assert size_in_words(size) == text
