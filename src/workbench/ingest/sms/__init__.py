"""Message logs of SMS platforms."""
