// SPDX-License-Identifier: MIT
#pragma once

// text(plan): a plan as text.
#include "tweedie/plan/text/write.hpp"
