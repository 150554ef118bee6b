// SPDX-License-Identifier: MIT
#define min(a, b) ((a) < (b) ? (a) : (b))
#include <tweedie/version.hpp>
