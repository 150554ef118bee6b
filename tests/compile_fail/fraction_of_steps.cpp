// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

tweedie::Grid f(const tweedie::AnyProcess& process) {
  return tweedie::karras(process, 20.7);
}
