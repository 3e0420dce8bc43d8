#!/bin/sh
# Looks for the programs that the tests drive: a Chromium, a Firefox, node, WebKitGTK. Fetches what may be fetched
# (Debian packages as root, Playwright's Chromium otherwise), and says in one sentence what to type for the rest.
# `make test` calls it; it changes nothing where everything is there.
set -eu
cd "$(dirname "$0")/.."

missing=''
need() { missing="$missing $1"; }
have() { command -v "$1" >/dev/null 2>&1; }
playwright_chromium() {
  .venv/bin/python -c 'import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p: sys.exit(not os.path.exists(p.chromium.executable_path))' 2>/dev/null
}

linux=false
[ "$(uname -s)" = Linux ] && linux=true
if $linux && have apt-get; then
  have chromium || playwright_chromium || [ "$(id -u)" != 0 ] || need chromium
  have WebKitWebDriver || need webkit2gtk-driver
  have xvfb-run || need 'xvfb xauth'
fi

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && have apt-get; then
  echo "Installing Debian packages for the tests:$missing"
  apt-get update -qq
  # The list is meant to be split into words.
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

# Alone, because a Debian whose mirror lacks it just now can still run all the rest.
if $linux && have apt-get && [ "$(id -u)" = 0 ] && ! have firefox-esr && ! have firefox; then
  echo 'Installing Firefox for the tests …'
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends firefox-esr >/dev/null; } ||
    echo 'That did not work.'
fi

new_node() { have node && have npm && node -e 'process.exit(+process.versions.node.split(".")[0] < 20)' 2>/dev/null; }
PATH="$PWD/.venv/bin:$PATH"
if ! new_node; then
  echo 'No node of version 20 or newer: fetching one into .venv …'
  .venv/bin/python -m pip --disable-pip-version-check -qq install --require-hashes -r requirements/node.txt || {
    echo 'That did not work. Install node 20 or newer with npm, then try again.'
    exit 1
  }
fi

if ! have chromium && ! playwright_chromium; then
  echo 'No Chromium found: fetching the one of Playwright …'
  .venv/bin/playwright install chromium >/dev/null || {
    echo 'That did not work. Type:  sudo apt-get install chromium'
    exit 1
  }
fi

have firefox-esr || have firefox || {
  echo 'No Firefox: its tests will be skipped. To run them:  sudo apt-get install firefox-esr'
}
have WebKitWebDriver || {
  $linux && echo 'No WebKitGTK: its tests will be skipped. To run them:  sudo apt-get install webkit2gtk-driver xvfb xauth'
}
exit 0
