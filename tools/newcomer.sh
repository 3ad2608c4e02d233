#!/usr/bin/env bash
# What a newcomer does, step by step and timed, in a clean root: an empty home, an empty environment, a fresh clone, only
# Python, make and git from the system. Prints a table of seconds; any step that fails ends it.
#
#   tools/newcomer.sh [--tests]      --tests also runs `make test`, which takes about as long as all the rest
set -euo pipefail

source=$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root/home"
total=0

# Where packages come from is the machine's matter, not the newcomer's: those settings are handed on, nothing else is.
registries=$(env | grep -E '^(PIP|NPM_CONFIG|npm_config|SSL|REQUESTS|NODE_EXTRA)_[A-Za-z_]*=[^ ]*$' || true)
[ ! -f ~/.npmrc ] || registries+=" NPM_CONFIG_USERCONFIG=$HOME/.npmrc"
clean() {
  # shellcheck disable=SC2086  # one word a setting
  env -i HOME="$root/home" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 $registries "$@"
}

step() {
  local name=$1 began=$SECONDS
  shift
  if ! "$@" >"$root/log" 2>&1; then
    echo "failed: $name" >&2
    tail -30 "$root/log" >&2
    exit 1
  fi
  printf '%-58s %5d s\n' "$name" $((SECONDS - began))
  total=$((total + SECONDS - began))
}

in_clone() { (cd "$root/supercycle" && clean "$@"); }
in_home() { (cd "$root/home" && clean "$@"); }
python=$(command -v python3.13 || command -v python3.12 || command -v python3.11 || command -v python3)

first_call() {
  in_home "$root/venv/bin/python" - <<'PYTHON'
import json, os, re, subprocess, sys, urllib.request

gateway = subprocess.Popen(
    [sys.executable, "-m", "supercycle", "gateway", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
    stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
)
greeting = ""
while "Ctrl-C" not in greeting:
    line = gateway.stdout.readline()
    assert line, greeting
    greeting += line
address, key = (re.search(rf"{name}\s+(\S+)", greeting)[1] for name in ("API", "Key"))
body = {"model": "mock-small", "messages": [{"role": "user", "content": "Hello"}]}
head = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
request = urllib.request.Request(f"{address}/chat/completions", json.dumps(body).encode(), head)
with urllib.request.urlopen(request, timeout=30) as response:
    assert json.load(response)["choices"]
gateway.terminate()
gateway.wait(timeout=30)
PYTHON
}

step "git clone" clean git clone -q "$source" "$root/supercycle"
step "make run, from nothing" in_clone make run
step "make run, again" in_clone make run
[ "${1:-}" = --tests ] && step "make test" in_clone make test
step "the wheel is built" in_clone .venv/bin/python -m pip wheel -q --no-build-isolation --no-deps -w "$root/dist" .
step "a new environment" clean "$python" -m venv "$root/venv"
step "the wheel is installed, default extras" in_home "$root/venv/bin/python" -m pip install -q "$root"/dist/*.whl
step "first cell: a run of 1,000 paths" in_home "$root/venv/bin/python" -c \
  'import supercycle; print(supercycle.run(paths=1000).headline)'
step "first command: supercycle run" in_home "$root/venv/bin/supercycle" run
step "first deal" in_home "$root/venv/bin/supercycle" deal run hyperion
step "first decision" in_home "$root/venv/bin/supercycle" decide run "$source/docs/decisions/developers.yaml" --quick
step "first call through the gateway" first_call
printf '%-58s %5d s\n' "in all" "$total"
