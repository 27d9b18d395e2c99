#!/bin/sh
# Renew both locks for every platform, with hashes and without addresses, in an environment thrown away after. The
# lock of the engines holds only what the first one lacks, in versions that go with it.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$1" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check uv

lock() {
    "$scratch/venv/bin/uv" pip compile pyproject.toml "$@" --universal --python-version 3.12 \
        --generate-hashes --no-header --no-emit-index-url --no-annotate --quiet
}

lock --extra dev --output-file requirements.lock
first=$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.lock | sort -u)
# shellcheck disable=SC2086
lock --extra postgres --extra spark --extra cluster --extra servers --constraint requirements.lock $first \
    --output-file requirements-engines.lock
