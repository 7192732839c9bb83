# shellcheck shell=bash
# Tools from PyPI, pinned with hashes, in a folder of their own. Sourced, never run.

VENV=$STATE/venv

# Installs them unless exactly these are there. They know their folder, so they don't move with it.
need_python_tools() {
  local stamp log=$STATE/logs/pip.log
  stamp=$({ echo "$VENV"; cat "$ROOT/tools/requirements.txt"; } | sha256sum)
  [[ -x $VENV/bin/pytest && $(cat "$VENV/stamp" 2>/dev/null) == "$stamp" ]] && return
  say 'installing tools for pages and tests'
  rm -rf "$VENV"
  { /usr/bin/python3 -m venv "$VENV" && "$VENV/bin/pip" install --disable-pip-version-check --no-deps --require-hashes --requirement "$ROOT/tools/requirements.txt"; } \
    >"$log" 2>&1 || die "the Python tools could not be installed ($(grep -m 1 '^ERROR' "$log" || tail -n 1 "$log")): $log has it all."
  echo "$stamp" >"$VENV/stamp"
}
