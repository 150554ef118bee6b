// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "tweedie/error.hpp"
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
    const bool coupled = stage_noise == StageNoise::one_path;
    return {"SEEDS-" + std::to_string(stages) + (eta == 1 ? "" : ", eta = " + to_text(eta)),
            eta == 0  ? stages
            : coupled ? 2
                      : 1,
            stages, eta != 0};
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    check(eta >= 0 && s_noise >= 0, "SEEDS: eta = ", eta, " and s_noise = ", s_noise,
          " must be at least 0");
    Path<X> path(s.t, eta, stage_noise);
    const auto with_noise = [&](const X& y, const Level& l) -> X {
      if (eta == 0 || l.std == 0) return y;
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
    check(eta >= 0 && s_noise >= 0 && r > 0 && r <= 1, "DPMSolverPPSDE: eta = ", eta,
          ", s_noise = ", s_noise, " must be at least 0, and r = ", r, " lie in (0, 1]");
    const Level &t = s.t, &u = s.u;
    const X D = c.data(x, t);
    if (u.std == 0) return u.scale * D;
    Path<X> path(t, eta, stage_noise);
    const auto ancestral = [&](const X& data, const Level& l) -> X {
      const double h = l.lambda() - t.lambda();
      const double up = eta == 0 ? 0 : std::min(1.0, eta * std::sqrt(-std::expm1(-2 * h))) * l.std;
      const double down = std::sqrt((l.std - up) * (l.std + up));
      const X y = l.scale * data + down / t.std * (x - t.scale * data);
      return up == 0 ? y : y + s_noise * up * path.to(c, l);
    };
    const Level m = level_at(process, s, r);
    const X D_m = c.data(ancestral(D, m), m);
    return ancestral(D + (D_m - D) / (2 * r), u);
  }
};

}  // namespace tweedie
