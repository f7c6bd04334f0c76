#!/usr/bin/env bash
# Fails on a file that clang-format 14 would change; "hack/check_format.sh --fix" changes it.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(--dry-run --Werror)
[ "${1:-}" != --fix ] || mode=(-i)
git ls-files --cached --others --exclude-standard -z '*.cc' '*.h' | xargs -0 clang-format-14 "${mode[@]}"
