#!/bin/sh
# Renew the locks for every platform, with hashes and without addresses, in an environment thrown away after. That of
# the engines holds the same versions and more.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$1" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check uv
lock() {
    "$scratch/venv/bin/uv" pip compile pyproject.toml --extra dev --universal --python-version 3.12 \
        --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet "$@"
}
lock --output-file requirements.lock
lock --extra postgres --extra spark --extra servers --constraint requirements.lock \
    --output-file requirements-engines.lock
