// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "tweedie/math/quadrature.hpp"
#include "tweedie/process/custom.hpp"

namespace tweedie {

/// The marginals of dx = f(t) x dt + g(t) dW from clean data at t = 0: scale = exp(integral of f),
/// sigma^2 = integral of (g/scale)^2, by Gauss points on panels that are summed up once.
template <class F, class G>
class IntegratedSDE {
 public:
  IntegratedSDE(F f, G g, double to) : f_(std::move(f)), g_(std::move(g)), width_(to / panels) {
    for (int k = 0; k < panels; ++k) {
      const double end = (k + 1) * width_;
      variances_.push_back(sigma2(end));
      log_scales_.push_back(log_scale(end));
      unsettled_ = std::max({unsettled_, cut_in_two(end, f_), cut_in_two(end, [this](double t) {
                               return g2(t) * std::exp(-2 * log_scale(t));
                             })});
    }
  }

  double log_scale(double t) const {
    const std::size_t k = panel(t);
    return log_scales_[k] + math::gauss_legendre(width_ * double(k), t, f_);
  }
  double sigma2(double t) const {
    const std::size_t k = panel(t);
    return variances_[k] + math::gauss_legendre(width_ * double(k), t, [this](double u) {
             const double g = g_(u);
             return g * g * std::exp(-2 * log_scale(u));
           });
  }
  /// By how much the integrals over a panel change when it is cut in two, relative to what they are:
  /// not small where f or g has a pole or a jump.
  double unsettled() const { return unsettled_; }
  double f(double t) const { return f_(t); }
  double g2(double t) const { return g_(t) * g_(t); }

 private:
  double cut_in_two(double end, auto&& integrand) const {
    const double a = end - width_, middle = end - width_ / 2;
    const double whole = math::gauss_legendre(a, end, integrand),
                 parts = math::gauss_legendre(a, middle, integrand) +
                         math::gauss_legendre(middle, end, integrand);
    return std::abs(parts - whole) / (1e-3 + std::abs(whole));
  }

  static constexpr int panels = 64;
  F f_;
  G g_;
  double width_, unsettled_ = 0;
  std::vector<double> log_scales_{0}, variances_{0};

  std::size_t panel(double t) const {
    return t <= 0 ? 0 : std::min(static_cast<std::size_t>(t / width_), log_scales_.size() - 1);
  }
};

namespace verbs {

/// The process of dx = f(t) x dt + g(t) dW, for users who think in the SDE: f and g are functions of
/// a double, finite on [0, t_max], and data is clean at t = 0. Accurate to about 1e-13 where they
/// are smooth.
template <class F, class G>
CustomProcess from_sde(F f, G g, double t_min, double t_max) {
  check_callable("from_sde: f", f);
  check_callable("from_sde: g", g);
  check(t_min >= 0 && t_min < t_max && std::isfinite(t_max), "from_sde: t_min = ", t_min,
        " and t_max = ", t_max, "; it must be 0 <= t_min < t_max");
  const auto sde = std::make_shared<const IntegratedSDE<F, G>>(std::move(f), std::move(g), t_max);
  check(std::isfinite(sde->sigma2(t_max)) && std::isfinite(std::exp(-2 * sde->log_scale(t_max))),
        "from_sde: the integral of f or of (g / scale)^2 up to t_max = ", t_max,
        " goes beyond double; end before it does");
  check(sde->unsettled() < 1e-5, "from_sde: f or g is not smooth from 0 to t_max = ", t_max,
        ": it has a pole or a jump there; end before it, or write a CustomProcess");
  const auto scale = [sde](double t) { return std::exp(sde->log_scale(t)); };
  const auto std_of = [sde, scale](double t) { return scale(t) * std::sqrt(sde->sigma2(t)); };
  return CustomProcess(
      scale, std_of, [sde, scale](double t) { return sde->f(t) * scale(t); },
      [sde, std_of](double t) {
        const double std = std_of(t);
        return sde->f(t) * std + sde->g2(t) / (2 * std);
      },
      t_min, t_max);
}

/// The process of EDM's pair: x = s(t) (x0 + sigma(t) z), Karras et al. 2022, arXiv:2206.00364, eq.
/// 4. Both are functions of a double and of a dual number, as CustomProcess takes them.
template <Differentiable Scale, Differentiable Sigma>
CustomProcess from_scale_and_sigma(Scale s, Sigma sigma, double t_min, double t_max) {
  return CustomProcess(
      s, [s, sigma](auto t) { return s(t) * sigma(t); }, t_min, t_max);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
