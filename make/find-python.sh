#!/bin/sh
# Print a Python of 3.12 or newer: on the path, or one that pyenv has. Each is tried by running it, since a name
# on the path may be a shim that leads nowhere, and a shim may run another version than its name says.
set -u

fits() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 15))' >/dev/null 2>&1
}

real() {
    "$1" -c 'import sys; print(sys.executable)' 2>/dev/null | tail -n 1
}

for name in python3.13 python3.14 python3.12 python3 python; do
    if command -v "$name" >/dev/null 2>&1 && fits "$name"; then
        real "$name"
        exit 0
    fi
done

for root in "${PYENV_ROOT:-}" "$HOME/.pyenv"; do
    for version in 3.13 3.14 3.12; do
        for candidate in "$root/versions/$version".*/bin/python3; do
            if [ -x "$candidate" ] && fits "$candidate"; then
                echo "$candidate"
                exit 0
            fi
        done
    done
done

echo "No Python of 3.12 to 3.14 was found, on the path or with pyenv. Install one, then call make again." >&2
exit 1
