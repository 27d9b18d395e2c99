#!/bin/sh
# Renew requirements.lock for every platform, with hashes and without addresses, in an environment thrown away after.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$1" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check uv
"$scratch/venv/bin/uv" pip compile pyproject.toml --extra dev --universal --python-version 3.12 \
    --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet --output-file requirements.lock
