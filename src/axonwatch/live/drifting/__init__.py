"""The account against the definitions, a kind of thing a module; `live.drift` joins them."""
