// SPDX-License-Identifier: MIT
#include <tweedie/error.hpp>
