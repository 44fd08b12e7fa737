"""CloudWatch metric math: text to typed tree."""

from axonwatch.syntax.metric_math.functions import FUNCTIONS, Kind
from axonwatch.syntax.metric_math.nodes import Node, calls, references
from axonwatch.syntax.metric_math.parser import parse
from axonwatch.syntax.metric_math.printer import write
from axonwatch.syntax.metric_math.queries import (
    Query,
    QueryFault,
    check_queries,
    insights_of,
    is_insights,
)
from axonwatch.syntax.metric_math.types import Scope, Type, type_of_expression

__all__ = [
    "FUNCTIONS",
    "Kind",
    "Node",
    "Query",
    "QueryFault",
    "Scope",
    "Type",
    "calls",
    "check_queries",
    "insights_of",
    "is_insights",
    "parse",
    "references",
    "type_of_expression",
    "write",
]
