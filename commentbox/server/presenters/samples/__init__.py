"""Every component of a theme in every state, made up: what `/components` shows and tests look at.

The views are made by the presenters themselves from rows that no database ever held. `said` has the people and what they
say; `talk`, `writing` and `own` the states; `catalogue` lists them all. Nothing here reads, writes or renders.
"""
