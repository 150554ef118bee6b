# Sourced by examples/run and tests/run: `need package...` makes sure of Debian packages.
need() {
  missing=
  for package in "$@"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "Without apt-get nothing can be installed here. Needed: a C++20 compiler, cmake >= 3.25," >&2
    echo "ninja, Eigen >= 3.4 and, for the tests, Catch2 2 or 3 and nlohmann-json (Debian's names:$missing)." >&2
    # What is there under another name may well do; cmake will say what it misses.
    return 0
  fi
  root=
  [ "$(id -u)" = 0 ] || root=sudo
  echo "installing$missing"
  $root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
