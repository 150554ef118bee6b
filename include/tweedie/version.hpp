// SPDX-License-Identifier: MIT
#pragma once

#define TWEEDIE_VERSION_MAJOR 0
#define TWEEDIE_VERSION_MINOR 1
#define TWEEDIE_VERSION_PATCH 0

/// Comparable in #if: 10000 * major + 100 * minor + patch.
#define TWEEDIE_VERSION \
  (10000 * TWEEDIE_VERSION_MAJOR + 100 * TWEEDIE_VERSION_MINOR + TWEEDIE_VERSION_PATCH)
