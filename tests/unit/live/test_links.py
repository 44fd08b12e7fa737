"""Console addresses, rebuilt byte for byte from what consoles made (public pages, 2020 to 2026)."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from axonwatch.model.links import Console, Window, through_portal, tilde
from axonwatch.model.metrics import Dimension, Metric

CONSOLE = Console("us-east-1")
PLAIN = "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1"
WINDOW = Window(datetime(2020, 8, 23, 13, 5, tzinfo=UTC), datetime(2020, 8, 23, 13, 10, tzinfo=UTC))


def fragment(link: str) -> str:
    return link.partition("#")[2]


def test_form_b_relative_as_a_console_made_it() -> None:
    made = CONSOLE.insights(
        "fields @timestamp, message\n| sort @timestamp desc",
        ["clairp01ue1-4lbp9.application"],
        3600,
        isLiveTail=False,
        queryId="6acd1ca6-d748-4f9a-8bb7-cbcc4b738bee",
    )
    assert fragment(made) == (
        "logsV2:logs-insights$3FqueryDetail$3D$257E$2528end$257E0$257Estart$257E-3600$257EtimeType"
        "$257E$2527RELATIVE$257Eunit$257E$2527seconds$257EeditorString$257E$2527fields*20*40timest"
        "amp*2c*20message*0a*7c*20sort*20*40timestamp*20desc$257EisLiveTail$257Efalse$257EqueryId"
        "$257E$25276acd1ca6-d748-4f9a-8bb7-cbcc4b738bee$257Esource$257E$2528$257E$2527clairp01ue1-"
        "4lbp9.application$2529$2529"
    )


def test_form_b_absolute_with_quotes_and_tildes_in_the_query() -> None:
    made = CONSOLE.insights(
        "fields @timestamp, @requestId, @message\n| filter @message like '~~~~~~ DOING STUFF'"
        "\n| sort @timestamp desc\n| limit 9999",
        ["/aws/lambda/kinesis-processor"],
        WINDOW,
        tz="Local",
        isLiveTail=False,
        queryId="64bc4320-4da8-4931-a191-04aafc5c9457",
    )
    assert fragment(made) == (
        "logsV2:logs-insights$3FqueryDetail$3D$257E$2528end$257E$25272020-08-23T13*3a10*3a00.000Z"
        "$257Estart$257E$25272020-08-23T13*3a05*3a00.000Z$257EtimeType$257E$2527ABSOLUTE$257Etz"
        "$257E$2527Local$257EeditorString$257E$2527fields*20*40timestamp*2c*20*40requestId*2c*20*4"
        "0message*0a*7c*20filter*20*40message*20like*20*27*7e*7e*7e*7e*7e*7e*20DOING*20STUFF*27*0a"
        "*7c*20sort*20*40timestamp*20desc*0a*7c*20limit*209999$257EisLiveTail$257Efalse$257EqueryI"
        "d$257E$252764bc4320-4da8-4931-a191-04aafc5c9457$257Esource$257E$2528$257E$2527*2faws*2fla"
        "mbda*2fkinesis-processor$2529$2529"
    )


def test_form_a_over_two_groups_as_a_console_made_it() -> None:
    window = Window(
        datetime(2021, 11, 26, 5, 0, tzinfo=UTC), datetime(2021, 11, 27, 4, 59, 59, tzinfo=UTC)
    )
    made = Console("us-west-2").insights(
        "fields @timestamp, @message\n| sort @timestamp desc\n| limit 20\n",
        ["/aws/lambda/HelloLambda1", "/aws/lambda/HelloLambda2"],
        window,
        form="A",
        tz="LOCAL",
        queryId="ead0409a1d8e7f70-d55cab82-4f2612a-1bb95f-e94a22a9d2582187f6f083d7",
    )
    assert made == (
        "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logsV2:logs-ins"
        "ights$3FqueryDetail$3D~(end~'2021-11-27T04*3a59*3a59.000Z~start~'2021-11-26T05*3a00*3a00."
        "000Z~timeType~'ABSOLUTE~tz~'LOCAL~editorString~'fields*20*40timestamp*2c*20*40message*0a*"
        "7c*20sort*20*40timestamp*20desc*0a*7c*20limit*2020*0a~queryId~'ead0409a1d8e7f70-d55cab82-"
        "4f2612a-1bb95f-e94a22a9d2582187f6f083d7~source~(~'*2faws*2flambda*2fHelloLambda1~'*2faws*"
        "2flambda*2fHelloLambda2))"
    )


def test_a_metric_graph_as_a_console_made_it() -> None:
    metric = Metric("AWS/ELB", "SurgeQueueLength", (Dimension("LoadBalancerName", "LBDiario"),))
    made = CONSOLE.graph(metric, "Sum", 300)
    assert fragment(made) == (
        "metricsV2:graph=~(metrics~(~(~'AWS*2fELB~'SurgeQueueLength~'LoadBalancerName~'LBDiario))"
        "~view~'timeSeries~stacked~false~region~'us-east-1~start~'-PT3H~end~'P0D~stat~'Sum~period"
        "~300)"
    )


def test_an_alarm_with_a_window_in_utc() -> None:
    window = Window(
        datetime(2026, 4, 7, 2, 40, tzinfo=UTC), datetime(2026, 4, 7, 3, 10, tzinfo=UTC)
    )
    assert fragment(CONSOLE.alarm("my-service pr/x", window)) == (
        "alarmsV2:alarm/my-service%20pr%2Fx?~(timeRange~(startDate~'2026-04-07T02*3a40*3a00.000Z"
        "~endDate~'2026-04-07T03*3a10*3a00.000Z))"
    )
    assert fragment(CONSOLE.alarm("a")) == "alarmsV2:alarm/a"


def test_a_log_group_is_encoded_twice() -> None:
    assert fragment(CONSOLE.log_group("/aws/lambda/compassdigital-order")) == (
        "logsV2:log-groups/log-group/$252Faws$252Flambda$252Fcompassdigital-order"
    )


def test_a_dashboard() -> None:
    assert fragment(CONSOLE.dashboard("axonflow-prod-on-call")) == (
        "dashboards:name=axonflow-prod-on-call"
    )


@pytest.mark.parametrize(
    ("region", "partition", "host"),
    [
        ("us-east-1", "aws", "us-east-1.console.aws.amazon.com"),
        ("cn-north-1", "aws-cn", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "aws-us-gov", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("eusc-de-east-1", "aws-eusc", "eusc-de-east-1.console.amazonaws-eusc.eu"),
    ],
)
def test_each_partition_has_its_host(region: str, partition: str, host: str) -> None:
    home = Console(region, partition).home
    assert home == f"https://{host}/cloudwatch/home?region={region}"


def test_form_b_holds_nothing_at_which_a_mail_program_ends_a_link() -> None:
    made = CONSOLE.insights("filter a = 'x' and (b ~ 1)", ["/ecs/a(b)"], 60)
    assert not set("~()' \n<>\"") & set(made)


def test_form_b_is_form_a_encoded_once_more() -> None:
    text = "fields @message | filter @message like /ü'~(x)/"
    form_a = CONSOLE.insights(text, ["/g"], 60, form="A")
    form_b = CONSOLE.insights(text, ["/g"], 60)
    decoded = unquote(unquote(fragment(form_b).replace("$25", "%")).replace("$", "%"))
    assert decoded == unquote(fragment(form_a).replace("$", "%"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", "'"),
        ("ü", "'*c3*bc"),
        (True, "true"),
        (-5, "-5"),
        ([], "()"),
        (["a", 1], "(~'a~1)"),
        ({"a": {"b": []}}, "(a~(b~()))"),
    ],
    ids=str,
)
def test_the_notation(value: object, text: str) -> None:
    assert tilde(value) == text  # type: ignore[arg-type]


def test_a_link_through_the_portal_carries_the_whole_link() -> None:
    link = CONSOLE.alarm("a b")
    made = through_portal("acme", "123456789012", "oncall", link)
    assert made.startswith(
        "https://acme.awsapps.com/start/#/console?account_id=123456789012&role_name=oncall"
    )
    assert unquote(made.partition("destination=")[2]) == link
