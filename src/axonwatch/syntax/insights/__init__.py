"""The Logs Insights query language: text to tree and back."""
