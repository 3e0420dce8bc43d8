"""The talk most tests of reading read: both tiers, a removed comment, somebody who hears from verified people only."""

from commentbox.server.base.db import Database
from tests.factories import ARTICLE, START, Talk, make_person, make_talk

PLACE = {"site": "gazette", "url": ARTICLE}


async def quarrel(db: Database) -> tuple[Talk, dict[str, str]]:
    """Tell the talk, and give it with the ids of its comments by a short name."""
    talk = await make_talk(db)
    margaret = await make_person(db, "Margaret Okafor", kind="name")
    tomasz = await make_person(db, "Tomasz Wieczorek", kind="person", reach="verified")
    tide = await make_person(db, "Tidewatcher")
    said = {"pilot": talk.say("I ran the pilot boats.", by=margaret, recommends_all=24, recommends_verified=18)}
    said["port"] = talk.say("I work at the port.", by=tide, under=said["pilot"])
    said["ask"] = talk.say("I have asked for both.", by=margaret, under=said["port"], label="author")
    said["licence"] = talk.say("The licence took years.", by=tomasz, under=said["pilot"], edited_at=START)
    said["insult"] = talk.say("You fool.", by=tide, state="removed", hold_rule="3-argument-not-person")
    said["staff"] = talk.say("We took one out.", under=said["insult"], kind="name", label="staff")
    said["school"] = talk.say("Ask the schools.", name="Anneke")
    await talk.save(db)
    return talk, said
