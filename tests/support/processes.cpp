// SPDX-License-Identifier: MIT
#include "processes.hpp"

#include <tweedie/process/betas.hpp>
#include <tweedie/process/cosine.hpp>
#include <tweedie/process/custom.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/sub_vp.hpp>
#include <tweedie/process/tabulated_vp.hpp>
#include <tweedie/process/trig_flow.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>

namespace tw = tweedie;

const std::vector<NamedProcess>& processes() {
  static const std::vector<NamedProcess> all{
      {"VP", tw::VP{}},
      {"VE", tw::VE{}},
      {"EDM", tw::EDM{}},
      {"Flow", tw::Flow{.t_min = 1e-3, .t_max = 0.99}},
      {"SubVP", tw::SubVP{}},
      {"Cosine", tw::Cosine{}},
      {"TabulatedVP", tw::TabulatedVP::from_betas(tw::linear_betas(1000))},
      {"TrigFlow", tw::TrigFlow{.t_min = 1e-3}},
      {"Custom", tw::CustomProcess([](auto t) { return 1 / (1 + t); },
                                   [](auto t) { return 3 * t * (1 + t); }, 0.01, 3)}};
  return all;
}
