# shellcheck shell=bash
# ./onefin format: puts sources into the house style. Sourced by onefin.

# shellcheck source=tools/packages.sh
source "$ROOT/tools/packages.sh"
# shellcheck source=tools/python.sh
source "$ROOT/tools/python.sh"

command_format() {
  (($# == 0)) || die "format takes no words."
  make_state
  check_swift
  need_packages python3 python3-venv
  need_python_tools
  cd "$ROOT" || exit
  swift format format --in-place --recursive --parallel Package.swift Sources Tests
  if [[ -f web/deno.json ]]; then (cd web && "$VENV/bin/deno" fmt --quiet); fi
}
