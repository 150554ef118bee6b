// SPDX-License-Identifier: MIT
#include <cmath>

#include <tweedie/process/custom.hpp>

const tweedie::CustomProcess process([](auto t) { return std::exp(-t); }, [](auto t) { return t; },
                                     0.01, 1);
