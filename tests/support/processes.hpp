// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tweedie/process/process.hpp>

struct NamedProcess {
  std::string name;
  tweedie::AnyProcess process;
};

/// One process of every kind, each from finite noise: Flow from t = 0.99. "Custom" neither
/// preserves the variance nor explodes it; "TabulatedVP" has the 1000 entries of DDPM.
const std::vector<NamedProcess>& processes();
