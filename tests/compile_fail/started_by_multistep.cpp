// SPDX-License-Identifier: MIT
#include <tweedie/plan/make_plan.hpp>
#include <tweedie/solver/ode/adams_bashforth.hpp>
#include <tweedie/solver/wrap/with_starter.hpp>

tweedie::AnySolver solver = tweedie::WithStarter{tweedie::LMS{}, tweedie::LMS{.order = 2}};
