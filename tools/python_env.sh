#!/usr/bin/env bash
# Makes build/venv: Debian's Python with the packages of tools/python_requirements.txt, for the tests that drive real
# clients. Quick when nothing changed. Prints the folder of its programs.
#
#   bin=$(tools/python_env.sh) && "$bin/anchore-cli" --version
set -euo pipefail
cd "$(dirname "$0")/.."

venv=$PWD/build/venv
wanted=$(sha256sum tools/python_requirements.txt | cut -d' ' -f1)
if [[ $(cat "$venv/.requirements" 2>/dev/null) != "$wanted" ]]; then
  rm -rf "$venv"
  mkdir -p build
  /usr/bin/python3 -m venv "$venv"
  # --no-deps: the list is complete, and anchorecli's own names versions that no longer build. It comes as source only.
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps wheel==0.43.0 setuptools==69.5.1 >&2
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation \
    -r tools/python_requirements.txt >&2
  printf '%s\n' "$wanted" >"$venv/.requirements"
fi
printf '%s\n' "$venv/bin"
