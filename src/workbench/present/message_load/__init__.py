"""Message load as a reader sees it: the typed result and its sections."""
