"""Evidence: figures and forms for people outside the desk. Reads only; `docs/evidence.md` has every definition and formula."""
