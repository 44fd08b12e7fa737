"""Wing: Logs Insights over local files, on DuckDB."""
