// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>
#include <vector>

void f(const tweedie::Level& level, std::vector<float>& x) {
  tweedie::prior(level, x, tweedie::Noise{});
}
