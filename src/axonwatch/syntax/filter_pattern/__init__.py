"""The filter pattern language of CloudWatch Logs: what metric filters match, and what they take.

Terms, phrases and `%regex%` over plain lines; `{ $.field = ... }` over JSON; `[a, b=..., ...]` over
words. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html;
where that page is silent we follow what TestMetricFilter was seen to answer (docs/scenarios.md).
"""

from axonwatch.syntax.filter_pattern.many import ManyPatterns
from axonwatch.syntax.filter_pattern.message import Message
from axonwatch.syntax.filter_pattern.parser import parse_filter_pattern, parse_selector
from axonwatch.syntax.filter_pattern.pattern import FilterPattern, Match
from axonwatch.syntax.filter_pattern.selector import Selector

__all__ = [
    "FilterPattern",
    "ManyPatterns",
    "Match",
    "Message",
    "Selector",
    "parse_filter_pattern",
    "parse_selector",
]
