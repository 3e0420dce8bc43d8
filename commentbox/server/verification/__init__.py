"""The verification room: that somebody is a real person, and never who. See PRODUCT words: attestation, badge, kind, tier."""
