"""The local classifier: making a model of examples or of the desk's own decisions, and saying how well it does."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from commentbox.cli import terminal
from commentbox.server.base import clock
from commentbox.server.evidence import classifiers, decided
from commentbox.server.evidence.classifiers import Report
from commentbox.server.evidence.formulas import Rate
from commentbox.server.screening.classifiers import examples, model, training
from commentbox.server.screening.classifiers.training import Example
from commentbox.server.sites import actions as sites

app = typer.Typer(no_args_is_help=True, help="The local classifier: train a model, and see how well it does.")
ABOVE = 0.8
ModelFile = Annotated[Path, typer.Option("--model", help="The file of the model.")]
Above = Annotated[float, typer.Option(min=0.0, max=1.0, help="The score above which a comment would be held.")]


@app.command()
def train(
    file: Annotated[Path | None, typer.Argument(help="Examples: .jsonl, .csv or .tsv with text, label, lang.")] = None,
    from_decisions: Annotated[bool, typer.Option(help="Learn from what moderators decided here.")] = False,
    site: Annotated[str, typer.Option(help="Decisions of one site only.")] = "",
    rule: Annotated[list[str] | None, typer.Option(help="Removals under these house rules only. Repeatable.")] = None,
    model_file: ModelFile = Path("classifier.model"),
    above: Above = ABOVE,
) -> None:
    """Learn a model from four fifths of the examples, and measure it on the last fifth.

    Nothing leaves this machine. The file holds hashed weights and no words. Example:
    `commentbox classifier train --from-decisions --rule 3-argument-not-person --model data/ours.model`
    """
    if (file is None) == (not from_decisions):
        terminal.fail("Name a file of examples, or say --from-decisions, and not both.")
    found = _read(file) if file else _decided(site, tuple(rule or ()))
    learn, rest = examples.split(found)
    try:
        made = training.train(learn, day=_today())
    except ValueError as error:
        terminal.fail(f"There is too little to learn from: {error}")
    model.save(made, model_file)
    terminal.out.print(f"Made {model_file}, version {made.version}, from {len(learn)} examples.", markup=False)
    _tell(classifiers.measure(made, rest, day=_today(), above=above), model_file)


@app.command()
def report(
    file: Annotated[Path, typer.Argument(help="Examples the model did not learn from.")],
    model_file: ModelFile = Path("classifier.model"),
    above: Above = ABOVE,
) -> None:
    """Print precision and recall by language, and false alarms on identity words, with 95 % intervals; the desk shows the last
    report under Figures.

    Example: `commentbox classifier report others.csv --model data/ours.model`
    """
    try:
        learned = model.read(model_file)
    except ValueError as error:
        terminal.fail(str(error))
    _tell(classifiers.measure(learned, _read(file), day=_today(), above=above), model_file)


def _read(file: Path) -> list[Example]:
    try:
        return examples.read(file)
    except ValueError as error:
        terminal.fail(str(error))


def _decided(slug: str, rules: tuple[str, ...]) -> list[Example]:
    async def collect() -> list[Example]:
        async with terminal.opened(terminal.read_settings()) as db, db.read(heavy=True) as query:
            site_id = (await sites.by_slug(query, slug)).id if slug else None
            return await decided.examples(query, site_id=site_id, rules=rules)

    return terminal.do(collect())


def _tell(found: Report, model_file: Path) -> None:
    classifiers.keep(found, model_file)
    say = terminal.out.print
    say(f"\nModel {found.version}, trained {found.trained}, measured {found.day}; held above {found.above}.\n")
    table = Table("language", "examples", "precision", "recall", "false alarms", box=None)
    for line in found.langs:
        rates = (line.precision, line.recall, line.false_alarms)
        table.add_row(line.lang or "(all)", str(line.examples), *map(_words, rates))
    say(table)
    if found.identity:
        say("\nFalse alarms on fine texts that name a group of people:\n")
        table = Table("language", "group", "false alarms", "without any", "", box=None)
        for each in found.identity:
            mark = "unequal" if each.is_unequal else ""
            table.add_row(each.lang, each.group, _words(each.false_alarms), _words(each.otherwise), mark)
        say(table)


def _words(rate: Rate) -> str:
    if rate.share is None or rate.low is None or rate.high is None:
        return "–"
    return f"{rate.share:.2f} ({rate.low:.2f}–{rate.high:.2f}) {rate.part}/{rate.whole}"


def _today() -> str:
    return clock.now().date().isoformat()
