"""`/components`: open on a demo, elsewhere by the desk's pass for a day; nothing on it does anything."""

from collections.abc import Callable

import pytest

from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.presenters.samples.catalogue import COMPONENTS
from commentbox.server.web.components import pass_of
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_every_component_is_a_page(
    settings: Settings, new_visitor: Callable[..., Visitor], keyring: Keyring
) -> None:
    visitor, shown = new_visitor(), pass_of(keyring)
    listed = await visitor.open("/components", params={"pass": shown, "lang": "de", "theme": "plain"})
    for each in COMPONENTS:
        path = f"/components/{each.name}"
        assert f'src="{path}?' in listed.text
        page = await visitor.open(path, params={"pass": shown, "lang": "ar", "theme": "plain", "dark": "1"})
        assert page.status_code == 200
        assert each.name.startswith("mail") or 'dir="rtl" data-theme="dark"' in page.text
        assert "script-src" not in page.headers["content-security-policy"]


async def test_without_a_pass_of_today_there_is_nothing(visitor: Visitor, keyring: Keyring) -> None:
    shown = pass_of(keyring)
    for query in ("", "?pass=", "?pass=x", f"?pass={shown}x"):
        assert (await visitor.open(f"/components{query}")).status_code == 404
        assert (await visitor.open(f"/components/thread{query}")).status_code == 404
    assert (await visitor.open(f"/components/nothing?pass={shown}")).status_code == 404
