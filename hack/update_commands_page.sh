#!/usr/bin/env bash
# Writes the part of docs/commands.md that is made from the commands. A test fails while the page
# says something else (CommandsPage.SaysWhatTheCommandsAre).
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset dev >/dev/null
cmake --build --preset dev -- --quiet cmd_test
TOTE_UPDATE_DOCS=1 build/dev/tests/cmd_test --gtest_brief=1 --gtest_filter='CommandsPage.*'
git diff --stat -- docs/commands.md
