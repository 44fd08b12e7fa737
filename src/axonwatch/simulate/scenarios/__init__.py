"""Tests of alarms and queries: files, runs, verdicts, coverage, reports."""
