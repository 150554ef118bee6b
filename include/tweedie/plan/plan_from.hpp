// SPDX-License-Identifier: MIT
#pragma once

// plan_from(stream): a plan from its text.
#include "tweedie/plan/text/read.hpp"
