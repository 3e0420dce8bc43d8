"""A guess at the language of a text, by its small words: enough to keep one language's list off the words of another. Pure.

Whoever writes a sentence cannot do without them. A text too short to tell has no language, and then every list holds.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache

ENOUGH = 2
"""So many small words of one language, and more than of any other, tell it."""
_SMALL_WORDS = {
    "en": """the of and to in is that it you for on with as are this be was have not they at by from or what when there
        who your we he she his her my would will an if so just but no about do does did been has were their them i'm""",
    "de": """der die das und ist nicht ich du sie wir ihr ein eine einen einem einer zu mit auf für von dem den des im
        auch aber wie was wenn dass so noch nur sind war haben hat wird werden man mir mich sich bei nach über oder""",
    "fr": """le la les un une des du de et est pas je tu il elle nous vous ils ne que qui dans pour sur avec ce cette ces
        mais ou où au aux par plus comme sont était être avoir c'est son sa ses leur leurs en se si tout on""",
    "es": """el la los las un una unos unas de del y es no yo tú él ella nosotros que quien en para por con este esta pero
        o al como más son era ser estar hay su sus lo le les se si muy todo porque cuando está eso""",
    "pl": """i w na z do nie to jest że się jak ale o po co tak za od czy dla tylko są był była być mnie ciebie jego jej
        ich ten ta te tym tego już też jeszcze kiedy gdzie przez przy bo albo oraz który która które może mam""",
    "ar": "في من على إلى عن هذا هذه ذلك التي الذي ما لا لم لن هو هي هم أنا أنت نحن كان كل أن إن مع بعد قبل أو ثم قد يا",
}


def language_of(words: Iterable[str]) -> str:
    """Give the code of the language that plain words are of, '' where that cannot be told."""
    known, counted = _known(), Counter[str]()
    for word in words:
        counted.update(known.get(word, ()))
    best = counted.most_common(2)
    if not best or best[0][1] < ENOUGH or (len(best) > 1 and best[0][1] == best[1][1]):
        return ""
    return best[0][0]


@cache
def _known() -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for lang, small in _SMALL_WORDS.items():
        for word in small.split():
            known.setdefault(word, []).append(lang)
    return known


KNOWN = tuple(_SMALL_WORDS)
"""Languages that a list may be for."""
