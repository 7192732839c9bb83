# shellcheck shell=bash
# The Autobahn suite in a folder of its own. Sourced, never run.

CONFORMANCE=$STATE/conformance
PACKAGES_CONFORMANCE=(python3 python3-venv python3-lib2to3)

# Installs and converts it unless exactly this is there.
need_conformance_suite() {
  local stamp log=$STATE/logs/conformance.log
  stamp=$({ echo "$CONFORMANCE"; cat "$ROOT/tools/requirements-conformance.txt" "$ROOT/Tests/Conformance/convert_suite.py"; } | sha256sum)
  [[ $(cat "$CONFORMANCE/stamp" 2>/dev/null) == "$stamp" ]] && return
  say 'installing the conformance suite'
  rm -rf "$CONFORMANCE"
  {
    /usr/bin/python3 -m venv "$CONFORMANCE/venv" \
      && conformance_install --only-binary :all: --requirement <(grep -v '^autobahntestsuite' "$ROOT/tools/requirements-conformance.txt") \
      && conformance_install --no-build-isolation --requirement <(grep '^autobahntestsuite' "$ROOT/tools/requirements-conformance.txt") \
      && mkdir "$CONFORMANCE/suite" \
      && "$CONFORMANCE/venv/bin/python" -W ignore "$ROOT/Tests/Conformance/convert_suite.py" "$CONFORMANCE/suite"
  } >"$log" 2>&1 || die "the conformance suite could not be installed ($(grep -m 1 '^ERROR' "$log" || tail -n 1 "$log")): $log has it all."
  echo "$stamp" >"$CONFORMANCE/stamp"
}

conformance_install() {
  "$CONFORMANCE/venv/bin/pip" install --disable-pip-version-check --no-deps --require-hashes "$@"
}
