"""What browsers fetch: vendored code is what VENDOR.md says, style sheets mirror by themselves and stay small."""

import hashlib
import re

import pytest

from commentbox.server.base.assets import WIDGET, asset_url, assets, themes_folder

SHEETS = sorted(themes_folder().glob("*/*.css"))


def test_vendored_code_is_exactly_what_is_written_beside_it() -> None:
    told = (WIDGET / "vendor" / "VENDOR.md").read_text("utf-8")
    for file in (WIDGET / "vendor").glob("*.js"):
        assert f"`{file.name}`" in told
        assert hashlib.sha256(file.read_bytes()).hexdigest() in told


def test_an_assets_address_names_its_version() -> None:
    assert re.fullmatch(r"/static/theme\.css\?v=[0-9a-f]{10}", asset_url("theme.css"))
    with pytest.raises(KeyError):
        asset_url("no-such.css")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: f"{sheet.parent.name}/{sheet.name}")
def test_style_sheets_know_no_left_and_right_and_fetch_nothing(sheet) -> None:
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.S)
    sided = re.findall(r"[{;\s](?:(?:margin|padding|border)-(?:left|right)|left|right|float:\s*(?:left|right))\b", css)
    assert not sided
    assert "text-align: left" not in css and "text-align: right" not in css
    assert "@import" not in css and "url(" not in css and "@font-face" not in css


def test_the_frames_style_sheet_stays_small() -> None:
    sheet = assets()["theme.css"]
    assert len(sheet.body) < 20_480 and len(sheet.gzipped) < 6_000


def test_nothing_is_sent_that_only_a_programmer_reads() -> None:
    notes = {".js": rb"^\s*//|\s// |\n\n|^[ \t]", ".css": rb"/\*|\n"}
    for name, asset in assets().items():
        if not (WIDGET / "vendor" / name).exists():
            assert not re.search(notes[name[name.rindex(".") :]], asset.body, re.M), name


def test_a_style_sheet_loses_only_space_that_means_nothing() -> None:
    for sheet in SHEETS:
        name = sheet.name if sheet.parent.name == "default" else f"{sheet.parent.name}.{sheet.name}"
        written = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.S)
        sent = assets()[name].body.decode()
        assert re.sub(r"\s+", "", written) == re.sub(r"\s+", "", sent)
        assert re.findall(r" [>+*/~] |[a-z)] [.:\[(]", written) == re.findall(r" [>+*/~] |[a-z)] [.:\[(]", sent)
