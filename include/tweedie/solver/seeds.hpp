// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "tweedie/error.hpp"
#include "tweedie/solver/ancestral.hpp"
#include "tweedie/solver/dpm_solver.hpp"
#include "tweedie/solver/path.hpp"

namespace tweedie {

/// SEEDS-2 and SEEDS-3, Gonzalez et al. 2023, arXiv:2305.14267: DPM-Solver++ 2S and 3S on the SDE
/// of eta, with the exact noise at every stage. Weak order 2; with independent stage noise SEEDS-2
/// has order 1. With eta = 0 they are 2S and 3S. To sigma = 0 the step returns the model's data.
template <int stages>
struct SEEDS {
  static_assert(stages == 2 || stages == 3);

  double eta = 1, s_noise = 1;
  double r1 = stages == 2 ? 1. / 2 : 1. / 3, r2 = 2. / 3;  ///< r2: of SEEDS-3
  Form form = Form::taylor;
  StageNoise stage_noise = StageNoise::one_path;

  Facts facts() const {
    const int of_ode = stages == 2 ? 2 : DPMSolverPP3S{r1, r2}.facts().order;
    const int of_sde = stage_noise == StageNoise::one_path ? 2 : 1;
    return {"SEEDS-" + std::to_string(stages) + (eta == 1 ? "" : ", eta = " + to_text(eta)),
            eta == 0 ? of_ode : of_sde, stages, eta != 0};
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    check_not_negative("SEEDS", "eta", eta);
    check_not_negative("SEEDS", "s_noise", s_noise);
    check(0 < r1 && (stages == 2 ? r1 <= 1 : r1 < r2 && r2 <= 1), "SEEDS: r1 = ", r1,
          " and r2 = ", r2, " must rise in (0, 1]");
    Path<X> path(s, eta, stage_noise);
    const auto with_noise = [&](const X& y, const Level& l) -> X {
      if (eta == 0 || s_noise == 0 || l.std == 0) return y;
      const double size = ExponentialStep(Prediction::data, s.t, l, eta).noise;
      return y + s_noise * size * path.to(c, l);
    };
    const std::array nodes{level_at(process, s, r1), level_at(process, s, r2)};
    return singlestep<Prediction::data>(c, s, x, std::span(nodes).first(stages - 1), form,
                                        Form::taylor, eta, with_noise);
  }
};

using SEEDS2 = SEEDS<2>;
using SEEDS3 = SEEDS<3>;

/// k-diffusion's dpmpp_sde: DPM-Solver++(2S) of which both stages are ancestral steps of eta (that
/// of DDIM). Of weak order 2 where the two noises come from one path; k-diffusion's without its
/// tree are independent, which has order 1. To sigma = 0 the step returns the model's data.
struct DPMSolverPPSDE {
  double eta = 1, s_noise = 1, r = 0.5;
  StageNoise stage_noise = StageNoise::one_path;

  Facts facts() const {
    return {"DPM-Solver++(SDE)" + (eta == 1 ? "" : ", eta = " + to_text(eta)),
            eta == 0 || stage_noise == StageNoise::one_path ? 2 : 1, 2, eta != 0};
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    check_not_negative("DPMSolverPPSDE", "eta", eta);
    check_not_negative("DPMSolverPPSDE", "s_noise", s_noise);
    check(r > 0 && r <= 1, "DPMSolverPPSDE: r = ", r, " must lie in (0, 1]");
    const Level &t = s.t, &u = s.u;
    const X D = c.data(x, t);
    if (u.std == 0) return u.scale * D;
    Path<X> path(s, eta, stage_noise);
    const auto ancestral = [&](const X& data, const Level& l) -> X {
      const AncestralSplit split(t, l, eta);
      const X y = l.scale * data + l.scale * split.down / t.std * (x - t.scale * data);
      return split.up == 0 || s_noise == 0 ? y : y + s_noise * l.scale * split.up * path.to(c, l);
    };
    const Level m = level_at(process, s, r);
    const X D_m = c.data(ancestral(D, m), m);
    return ancestral(D + (D_m - D) / (2 * r), u);
  }
};

}  // namespace tweedie
