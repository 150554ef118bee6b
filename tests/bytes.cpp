// SPDX-License-Identifier: MIT
// What every solver makes of a network, in float and in double, as a number of all its bits; and what is said
// of wrong calls. Built in both forms of the library, which have to agree.
#include <cstdint>
#include <cstring>
#include <iostream>

#include <tweedie/tweedie.hpp>

namespace tw = tweedie;

template <class Plain>
std::uint64_t bits_of(const Plain& x) {
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  const auto* bytes = reinterpret_cast<const unsigned char*>(x.data());
  const auto count = sizeof(typename Plain::Scalar) * static_cast<std::size_t>(x.size());
  for (std::size_t k = 0; k < count; ++k) hash = (hash ^ bytes[k]) * 1099511628211u;
  return hash;
}

template <class Plain>
void print(const tw::AnyProcess& process, const std::string& solver, const tw::Grid& grid) {
  const auto model = tw::predicts_velocity([](const auto& x, const tw::Call& call, auto& out) {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    out = static_cast<T>(call.level.scale_rate - call.level.scale) * x;
  });
  for (const Eigen::Index dim : {3, 1100}) try {
      std::cout << " "
                << bits_of(tw::sample<Plain>(process, model, solver, grid,
                                             {.dim = dim, .count = 3, .noise = {.seed = 5}}));
    } catch (const tw::Error& error) {
      std::cout << " " << error.what();
    }
}

int main() {
  const tw::VP vp;
  const tw::EDM edm;
  for (const std::string& solver : tw::solver_names())
    for (const auto& [process, grid] : {std::pair<tw::AnyProcess, tw::Grid>(vp, tw::karras(vp, 6)),
                                        {edm, tw::log_snr(edm, 7, {.to_zero = false})}}) {
      std::cout << solver;
      print<Eigen::MatrixXf>(process, solver, grid);
      print<Eigen::MatrixXd>(process, solver, grid);
      std::cout << "\n" << tw::make_plan(process, solver, grid) << "\n";
    }
}
