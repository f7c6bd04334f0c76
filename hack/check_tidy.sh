#!/usr/bin/env bash
# Fails on what clang-tidy 14 finds (.clang-tidy) in the sources that have changed since the branch
# left origin/main, or since the last commit but one where there is no such branch.
#
#   hack/check_tidy.sh         what has changed
#   hack/check_tidy.sh all     everything: some minutes
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset tidy >/dev/null
cmake --build --preset tidy --target tote_build_info -- --quiet  # a header that is made

changed() {
  local since
  since=$(git merge-base origin/main HEAD 2>/dev/null || git rev-parse HEAD~1 2>/dev/null || git rev-parse HEAD)
  # On main itself the merge base is HEAD: what the last commit changed.
  [ "$since" != "$(git rev-parse HEAD)" ] || since=$(git rev-parse HEAD~1 2>/dev/null || echo "$since")
  git diff --name-only --diff-filter=d "$since" -- '*.cc' '*.h'
  git ls-files --others --exclude-standard -- '*.cc' '*.h'
}
if [ "${1:-}" = all ]; then
  files=$(git ls-files -- '*.cc')
else
  # A header is looked at by way of the source beside it.
  files=$(changed | sed 's/\.h$/.cc/' | sort -u)
fi
# Only what this build compiles: benchmarks are not in it.
compiled=$(grep -oE '"file": "[^"]+"' build/tidy/compile_commands.json | cut -d'"' -f4 | sort -u)
for file in $files; do
  if grep -qxF "$PWD/$file" <<<"$compiled"; then printf '%s\0' "$file"; fi
done | xargs -0 --no-run-if-empty -n 4 -P "$(nproc)" clang-tidy-14 -p build/tidy --quiet
