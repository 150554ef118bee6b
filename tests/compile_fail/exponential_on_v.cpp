// SPDX-License-Identifier: MIT
#include <tweedie/plan/make_plan.hpp>
#include <tweedie/solver/ode/unipc.hpp>

tweedie::AnySolver solver = tweedie::BasicUniPC<tweedie::Prediction::v>{};
