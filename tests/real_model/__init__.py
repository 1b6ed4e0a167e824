"""What a real language model makes of fields that are no prose."""
