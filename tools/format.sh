# shellcheck shell=bash
# ./onefin format: puts sources into the house style. Sourced by onefin.

# shellcheck source=tools/packages.sh
source "$ROOT/tools/packages.sh"
# shellcheck source=tools/build.sh
source "$ROOT/tools/build.sh"
# shellcheck source=tools/python.sh
source "$ROOT/tools/python.sh"

command_format() {
  local document
  (($# == 0)) || die "format takes no words."
  make_state
  find_swift
  need_packages "${PACKAGES_BUILD[@]}" python3 python3-venv
  check_swift
  need_python_tools
  cd "$ROOT" || exit
  settle_build
  swift format format --in-place --recursive --parallel Package.swift Sources Tests
  document=$(swift run --quiet onefin-cli config-docs) || die "docs/configuration.md could not be made: the line above says why."
  printf '%s\n' "$document" >docs/configuration.md
  if [[ -f web/deno.json ]]; then (cd web && "$VENV/bin/deno" fmt --quiet); fi
}
