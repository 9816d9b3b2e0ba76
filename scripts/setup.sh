#!/usr/bin/env bash
# Makes .venv and installs bakeoff with the extras named, e.g. `scripts/setup.sh dev bench`; none: what a run needs.
# A stamp a set of extras holds the content of pyproject.toml and constraints.txt, so a second call ends at once.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
bin=.venv/bin

key=$({ pwd; cat pyproject.toml constraints.txt; } | "$python" -c \
  'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])')
missing=()
for extra in core "$@"; do
  [[ -x $bin/python && -e .venv/.installed-$extra-$key ]] || missing+=("$extra")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "bakeoff needs Python 3.11 or newer; $python is $("$python" --version). Try: make PYTHON=python3.11" >&2
  exit 1
}
echo "setting up .venv (${missing[*]}): some minutes the first time" >&2
if ! "$bin/python" -m pip --version >/dev/null 2>&1; then
  # Debian's Python has pip but may lack ensurepip; its pip can then put itself into the environment.
  "$python" -m venv --clear .venv >/dev/null 2>&1 || {
    "$python" -m venv --clear --without-pip .venv
    "$python" -m pip --python "$bin/python" install --quiet pip
  }
fi
extras=$(IFS=,; echo "$*")
"$bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".${extras:+[$extras]}"
for extra in core "$@"; do
  find .venv -maxdepth 1 -name ".installed-$extra-*" -delete
  touch ".venv/.installed-$extra-$key"
done
