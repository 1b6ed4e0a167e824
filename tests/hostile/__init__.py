"""What attackers write: into pages, for a model to read, and by a model's answer, into pages."""
