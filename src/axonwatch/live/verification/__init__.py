"""Definitions against the account, one matter a module; `live.verify` puts them together."""
