"""What a site's own server hears of the journal: signed, durable, in ids and codes only."""
