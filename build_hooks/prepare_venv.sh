#!/bin/sh
# Usage: prepare_venv.sh VENV REQUIREMENTS
# Makes VENV where it is missing, installs the hashed REQUIREMENTS, and crampwatch itself in place.
# With uv where it is found, else with venv and pip; PYTHON names the interpreter.
set -eu

venv=$1
requirements=$2
: "${PYTHON:=python3}"
# The packages that the build needs, fetched by hash, without what they depend on, and kept out of VENV.
build_env=build/env

say() { printf 'crampwatch: %s\n' "$*" >&2; }

is_usable() { "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

make_venv() {
    if is_usable; then return; fi
    say "making $venv with $("$PYTHON" --version)"
    rm -rf "$venv"
    if command -v uv >/dev/null; then
        uv venv --quiet --no-project --python "$(command -v "$PYTHON")" "$venv"
    else
        "$PYTHON" -m venv "$venv"
    fi
}

# install ARGUMENTS...: the same words for both installers.
install() {
    if command -v uv >/dev/null; then
        uv pip install --quiet --compile-bytecode --python "$venv/bin/python" "$@"
    else
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    fi
}

make_venv
say "installing $requirements (a minute or two the first time)"
install --require-hashes --requirement "$requirements"
rm -rf "$build_env"
install --require-hashes --no-deps --target "$build_env" --requirement constraints/build.txt
# What setuptools has to say of every editable install is no news to a newcomer.
PYTHONWARNINGS="ignore:Editable installation" PYTHONPATH=$PWD/$build_env \
    install --no-build-isolation --no-deps --editable .
rm -rf "$build_env"
say "ready: $venv/bin/crampwatch"
