// SPDX-License-Identifier: MIT
#define check(condition) ((void)(condition))
#include <tweedie/version.hpp>
