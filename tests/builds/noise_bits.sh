#!/bin/sh
# The noise is the same, bit for bit, whatever compiler and instruction set: builds noise_bits.cpp in
# many ways, runs each, and compares what they print. Needs g++ and clang++; builds for instruction
# sets that this machine lacks are left out, with a line that says so.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
for compiler in g++ clang++; do
  for flags in -O0 -O1 -O2 -O3 "-O2 -mavx" "-O2 -mavx2" "-O2 -mavx2 -mfma" "-O3 -mavx2 -mfma" "-O2 -mavx512f" "-O3 -march=native"; do
    needs=$(printf '%s\n' $flags | sed -n 's/^-m\(avx[0-9a-z]*\|fma\)$/\1/p')
    lacks=
    for feature in $needs; do grep -qw "$feature" /proc/cpuinfo || lacks=$feature; done
    if [ -n "$lacks" ] || ! command -v $compiler >/dev/null; then
      echo "skipped: $compiler $flags"
      skipped=$((skipped + 1))
      continue
    fi
    $compiler -std=c++20 $flags -Iinclude tests/builds/noise_bits.cpp -o "$work/noise_bits"
    "$work/noise_bits" >"$work/now"
    [ -e "$work/first" ] || cp "$work/now" "$work/first"
    if cmp -s "$work/first" "$work/now"; then
      echo "same:    $compiler $flags"
      passed=$((passed + 1))
    else
      echo "DIFFERS: $compiler $flags"
      failed=$((failed + 1))
    fi
  done
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 1 ]
