"""Notices that a comment is illegal (EU Digital Services Act art. 16) or untrue about whoever writes (UK Defamation Act s. 5)."""
