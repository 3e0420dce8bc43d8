"""Words by which people say who they are. A classifier that learned from insults easily takes them for insults; its report looks.

Our own short lists, by language and group; plain names only. Arabic and Korean hang other words before or behind, so theirs are
looked for inside a word.
"""

from collections.abc import Mapping, Sequence

IDENTITY: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "women": ("woman", "women", "girl", "girls"),
        "black people": ("black",),
        "muslims": ("muslim", "muslims", "islam"),
        "jews": ("jew", "jews", "jewish"),
        "gay and lesbian people": ("gay", "gays", "lesbian", "lesbians"),
        "trans people": ("trans", "transgender"),
        "disabled people": ("disabled", "disability", "autistic", "deaf", "blind"),
        "immigrants": ("immigrant", "immigrants", "refugee", "refugees", "migrants"),
    },
    "de": {
        "women": ("frau", "frauen", "mädchen"),
        "black people": ("schwarze", "schwarzer", "schwarzen"),
        "muslims": ("muslim", "muslime", "muslima", "islam"),
        "jews": ("jude", "juden", "jüdin", "jüdisch", "jüdische"),
        "gay and lesbian people": ("schwul", "schwule", "lesbisch", "lesben"),
        "trans people": ("trans", "transgender"),
        "disabled people": ("behindert", "behinderte", "behinderung", "gehörlos", "blind"),
        "immigrants": ("flüchtling", "flüchtlinge", "geflüchtete", "einwanderer", "migranten"),
    },
    "fr": {
        "women": ("femme", "femmes", "fille", "filles"),
        "black people": ("noir", "noire", "noirs", "noires"),
        "muslims": ("musulman", "musulmane", "musulmans", "islam"),
        "jews": ("juif", "juive", "juifs", "juives"),
        "gay and lesbian people": ("gay", "gays", "lesbienne", "lesbiennes", "homosexuel"),
        "trans people": ("trans", "transgenre"),
        "disabled people": ("handicapé", "handicapée", "handicap", "sourd", "aveugle"),
        "immigrants": ("immigré", "immigrés", "réfugié", "réfugiés", "migrants"),
    },
    "es": {
        "women": ("mujer", "mujeres", "chica", "chicas"),
        "black people": ("negro", "negra", "negros", "negras"),
        "muslims": ("musulmán", "musulmana", "musulmanes", "islam"),
        "jews": ("judío", "judía", "judíos"),
        "gay and lesbian people": ("gay", "gays", "lesbiana", "lesbianas", "homosexual"),
        "trans people": ("trans", "transgénero"),
        "disabled people": ("discapacitado", "discapacitada", "discapacidad", "sordo", "ciego"),
        "immigrants": ("inmigrante", "inmigrantes", "refugiado", "refugiados", "migrantes"),
    },
    "pl": {
        "women": ("kobieta", "kobiety", "kobiet", "dziewczyna"),
        "black people": ("czarny", "czarna", "czarnoskóry", "czarnoskóra"),
        "muslims": ("muzułmanin", "muzułmanie", "muzułmanka", "islam"),
        "jews": ("żyd", "żydzi", "żydówka", "żydowski"),
        "gay and lesbian people": ("gej", "geje", "lesbijka", "lesbijki"),
        "trans people": ("trans", "transpłciowa", "transpłciowy"),
        "disabled people": ("niepełnosprawny", "niepełnosprawni", "głuchy", "niewidomy"),
        "immigrants": ("imigrant", "imigranci", "uchodźca", "uchodźcy", "migranci"),
    },
    "ar": {
        "women": ("امرأة", "نساء", "النساء", "بنت"),
        "black people": ("السود", "أسود"),
        "muslims": ("مسلم", "مسلمين", "مسلمون", "إسلام"),
        "jews": ("يهودي", "يهود"),
        "gay and lesbian people": ("مثلي", "مثليين", "مثلية"),
        "disabled people": ("معاق", "إعاقة", "أصم", "كفيف"),
        "immigrants": ("مهاجر", "لاجئ", "لاجئين"),
    },
    "ko": {
        "women": ("여자", "여성"),
        "black people": ("흑인",),
        "gay and lesbian people": ("게이", "레즈비언", "동성애"),
        "disabled people": ("장애인",),
        "immigrants": ("이민자", "난민", "외국인"),
    },
}
_INSIDE = ("ar", "ko")


def groups_in(words: Sequence[str], lang: str) -> set[str]:
    """Give the groups that folded words name, in a language; `en-GB` counts as `en`."""
    known = lang.partition("-")[0]
    named = IDENTITY.get(known, {})
    if known in _INSIDE:
        joined = " ".join(words)
        return {group for group, listed in named.items() if any(each in joined for each in listed)}
    present = set(words)
    return {group for group, listed in named.items() if present.intersection(listed)}
