// SPDX-License-Identifier: MIT
// The noise is a contract: its words, its layout, its accuracy, its independence of how it is asked
// for, and its distribution.
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "reference/box_muller.hpp"

#include <tweedie/analysis/order.hpp>
#include <tweedie/forward/prior.hpp>
#include <tweedie/grid/restart.hpp>
#include <tweedie/noise/brownian_path.hpp>
#include <tweedie/noise/recorded.hpp>
#include <tweedie/noise/seeds.hpp>
#include <tweedie/noise/sequential.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/kernel.hpp>
#include <tweedie/run/sampler.hpp>
#include <tweedie/solver/ode/dpm_solver_multistep.hpp>
#include <tweedie/solver/sde/euler_maruyama.hpp>

namespace tw = tweedie;

namespace {

std::uint32_t u32(std::int64_t value) {
  return static_cast<std::uint32_t>(value);
}

// The layout as its documentation states it, number by number.
template <class T>
T by_the_contract(std::uint64_t seed, std::uint32_t stream, int draw, std::int64_t sample,
                  std::int64_t coordinate) {
  const bool is_float = sizeof(T) == 4;
  const std::int64_t block_size = is_float ? 32 : 16, block = coordinate / block_size;
  const std::int64_t place = coordinate % block_size, pair = place % (block_size / 2);
  const std::int64_t n = 8 * block + (is_float ? pair / 2 : pair);
  const std::int64_t position = sample * (1 << 28) + n;
  const auto w = tw::normals::Philox::words({u32(position), u32(position >> 32), u32(draw), stream},
                                            {std::uint32_t(seed), std::uint32_t(seed >> 32)});
  const auto choose = [&](auto pair_of_normals) {
    return place < block_size / 2 ? pair_of_normals.cosine : pair_of_normals.sine;
  };
  if constexpr (sizeof(T) == 4)
    return choose(pair % 2 == 0 ? reference::box_muller(w[1], w[3])
                                : reference::box_muller(w[0], w[2]));
  else
    return choose(
        reference::box_muller(std::uint64_t{w[0]} << 32 | w[1], std::uint64_t{w[2]} << 32 | w[3]));
}

template <class Matrix>
Matrix filled(const tw::Noise& noise, int draw, Eigen::Index rows, Eigen::Index cols) {
  Matrix z(rows, cols);
  noise.fill(draw, z);
  return z;
}

}  // namespace

TEST_CASE("noise: Philox gives Random123's words") {
  // philox4x32 with 10 rounds in kat_vectors of Random123.
  CHECK(tw::normals::Philox::words({0, 0, 0, 0}, {0, 0}) ==
        tw::normals::Philox::Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint32_t ones = 0xffffffff;
  CHECK(tw::normals::Philox::words({ones, ones, ones, ones}, {ones, ones}) ==
        tw::normals::Philox::Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(tw::normals::Philox::words({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                                   {0xa4093822, 0x299f31d0}) ==
        tw::normals::Philox::Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("noise: Box-Muller is accurate to rounding") {
  const long double pi = std::acos(-1.0L);
  double worst_float = 0, worst_double = 0;
  for (std::uint32_t k = 0; k < 200000; ++k) {
    const auto w = tw::normals::Philox::words({k, 0, 0, 0}, {11, 0});
    {
      // What float keeps of the words is the number that counts.
      const long double u = (static_cast<float>(w[0] >> 1) + 0.5f) / 0x1p31L;
      const long double f = static_cast<float>(std::int32_t(w[1])) / 0x1p31L;
      const long double r = std::sqrt(-2 * std::log(u));
      const auto [c, s] = reference::box_muller(w[0], w[1]);
      const long double mirror = w[1] % 2 ? -1 : 1;
      if (u == 1) continue;
      worst_float =
          std::max(worst_float, double(std::abs(c - mirror * r * std::cos(f * pi / 2)) / r));
      worst_float = std::max(worst_float, double(std::abs(s - r * std::sin(f * pi / 2)) / r));
    }
    {
      const std::uint64_t a = std::uint64_t{w[0]} << 32 | w[1],
                          b = std::uint64_t{w[2]} << 32 | w[3];
      const long double u = ((a >> 12) + 0.5L) / 0x1p52L, f = 2 * ((b >> 12) / 0x1p52L) - 1;
      const long double r = std::sqrt(-2 * std::log(u));
      const auto [c, s] = reference::box_muller(a, b);
      const long double mirror = b % 2 ? -1 : 1;
      worst_double =
          std::max(worst_double, double(std::abs(c - mirror * r * std::cos(f * pi / 2)) / r));
      worst_double = std::max(worst_double, double(std::abs(s - r * std::sin(f * pi / 2)) / r));
    }
  }
  // Three units in the last place: the root, the polynomial and the product round once or twice
  // each.
  CAPTURE(worst_float * 0x1p23, worst_double * 0x1p52);
  CHECK(worst_float < 3 * 0x1p-23);
  CHECK(worst_double < 3 * 0x1p-52);
  // The ends of the words' range.
  const std::uint32_t full = 0xffffffff;
  CHECK(std::abs(reference::box_muller(0u, 0u).cosine - std::sqrt(64 * std::log(2.0f))) < 1e-5);
  CHECK(reference::box_muller(full, 0u).cosine == 0.0f);
  CHECK(std::isfinite(reference::box_muller(full, full).sine));
  CHECK(reference::box_muller(std::uint64_t{0}, std::uint64_t{0}).sine < -8.5);
  CHECK(std::isfinite(reference::box_muller(~std::uint64_t{0}, ~std::uint64_t{0}).cosine));
}

TEST_CASE("noise: the layout is the published one") {
  const tw::Noise noise{.seed = 0x123456789abcdef0, .first_sample = 5};
  const Eigen::MatrixXf f = filled<Eigen::MatrixXf>(noise, 3, 75, 4);
  const Eigen::MatrixXd d = filled<Eigen::MatrixXd>(noise, 3, 75, 4);
  for (Eigen::Index sample = 0; sample < 4; ++sample)
    for (Eigen::Index row = 0; row < 75; ++row) {
      CHECK(f(row, sample) == by_the_contract<float>(noise.seed, 0, 3, 5 + sample, row));
      CHECK(d(row, sample) == by_the_contract<double>(noise.seed, 0, 3, 5 + sample, row));
    }
  // A sample beyond 32 bits, and a stream.
  const tw::Noise far = noise.from_sample(std::int64_t{1} << 33).stream("mine");
  CHECK(filled<Eigen::MatrixXd>(far, 0, 1, 1)(0, 0) ==
        by_the_contract<double>(noise.seed, far.stream_id, 0, std::int64_t{1} << 33, 0));
}

TEST_CASE("noise: a number does not depend on how it is asked for") {
  const tw::Noise noise{.seed = 7};
  const Eigen::MatrixXd whole = filled<Eigen::MatrixXd>(noise, 2, 50, 20);
  // A smaller batch, another first sample, fewer coordinates.
  CHECK(filled<Eigen::MatrixXd>(noise, 2, 50, 3) == whole.leftCols(3));
  CHECK(filled<Eigen::MatrixXd>(noise.from_sample(6), 2, 50, 5) == whole.middleCols(6, 5));
  CHECK(filled<Eigen::MatrixXd>(noise, 2, 9, 20) == whole.topRows(9));
  // Any split of the elements, in any order.
  Eigen::MatrixXd pieces(50, 20);
  const std::vector<std::int64_t> cuts{0, 1, 17, 18, 49, 51, 160, 555, 999, 1000};
  for (std::size_t k = cuts.size() - 1; k > 0; --k)
    noise.fill(2, 50, cuts[k - 1], cuts[k] - cuts[k - 1], pieces.data() + cuts[k - 1]);
  CHECK(pieces == whole);
  CHECK(filled<Eigen::MatrixXf>(noise, 2, 0, 0).size() == 0);
}

TEST_CASE("noise: draws, seeds, streams and samples are different numbers") {
  const tw::Noise noise{.seed = 7};
  const Eigen::MatrixXd z = filled<Eigen::MatrixXd>(noise, 1, 64, 64);
  const std::vector<Eigen::MatrixXd> others{
      filled<Eigen::MatrixXd>(noise, 2, 64, 64), filled<Eigen::MatrixXd>({.seed = 8}, 1, 64, 64),
      filled<Eigen::MatrixXd>(noise.stream("mine"), 1, 64, 64),
      filled<Eigen::MatrixXd>(noise.from_sample(64), 1, 64, 64)};
  for (const auto& other : others) {
    CHECK((z.array() == other.array()).count() == 0);
    CHECK(std::abs((z.array() * other.array()).mean()) < 4 / std::sqrt(4096.0));
  }
  CHECK(noise.stream("a").stream_id != noise.stream("b").stream_id);
  CHECK(noise.stream("a").stream_id != 0);
}

#ifdef TWEEDIE_TEST_AVX2
std::vector<float> noise_and_sum_with_avx2(std::int64_t dim, std::int64_t count);

TEST_CASE("noise: units compiled for another instruction set are linked in and agree") {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
  for (std::int64_t dim : {2, 5, 100}) {
    std::vector<float> z(static_cast<std::size_t>(dim * 7)), x = z;
    tw::Noise{.seed = 9}.fill(1, dim, 0, dim * 7, z.data());
    tw::Noise{.seed = 9}.fill(2, dim, 0, dim * 7, x.data());
    const tw::executor::Weighted<float> terms[] = {{x.data(), 0.7f}, {z.data(), 0.3f}};
    tw::executor::combine<float>(x.data(), dim * 7, terms);
    CHECK(noise_and_sum_with_avx2(dim, 7) == x);
  }
}
#endif

TEMPLATE_TEST_CASE("noise: the distribution is normal", "", float, double) {
  using Matrix = Eigen::Matrix<TestType, Eigen::Dynamic, Eigen::Dynamic>;
  const Eigen::Index n = 1 << 20;
  const Eigen::ArrayXd z =
      filled<Matrix>({.seed = 2024}, 1, n / 64, 64).reshaped().template cast<double>();
  const double count = double(n);
  CHECK(std::abs(z.mean()) < 4 / std::sqrt(count));
  CHECK(std::abs(z.square().mean() - 1) < 4 * std::sqrt(2 / count));
  CHECK(std::abs(z.cube().mean()) < 4 * std::sqrt(15 / count));
  CHECK(std::abs(z.square().square().mean() - 3) < 4 * std::sqrt(96 / count));
  for (Eigen::Index lag : {1, 8, 16, 32})
    CHECK(std::abs((z.head(n - lag) * z.tail(n - lag)).mean()) < 4 / std::sqrt(count));
  // Kolmogorov-Smirnov: 1.95 is the 0.1 % point.
  std::vector<double> sorted(z.begin(), z.end());
  std::sort(sorted.begin(), sorted.end());
  double distance = 0;
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    const double cdf = std::erfc(-sorted[k] / std::sqrt(2.0)) / 2;
    distance = std::max(
        {distance, std::abs(cdf - double(k) / count), std::abs(cdf - double(k + 1) / count)});
  }
  CHECK(distance * std::sqrt(count) < 1.95);
  // Beyond 4 standard deviations: 66.4 expected.
  CHECK(std::abs(double((z.abs() > 4).count()) - 66.4) < 4 * std::sqrt(66.4));
}

TEST_CASE("noise: recorded draws are replayed, and a missing one is named") {
  const tw::RecordedNoise noise(
      {Eigen::MatrixXd::Constant(2, 3, 1), Eigen::MatrixXd::Constant(2, 3, 5)});
  Eigen::MatrixXf out(2, 3);
  noise.fill(1, out);
  CHECK(out == Eigen::MatrixXf::Constant(2, 3, 5));
  CHECK_THAT(error_of([&] { noise.fill(2, out); }),
             Contains("draw 2") && Contains("2 are recorded"));
  Eigen::MatrixXd other(3, 3);
  CHECK_THAT(error_of([&] { noise.fill(0, other); }), Contains("2 x 3") && Contains("3 x 3"));
}

TEST_CASE("noise: recorded draws that are left over are an error, but in a part of the run") {
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Grid grid = tw::karras(edm, 6);
  const auto model = tw::predicts_data([](const auto& x, double) { return 0.5 * x; });
  std::vector<Eigen::MatrixXd> draws(8, Eigen::MatrixXd::Ones(2, 3));  // 0 to 7
  const auto run = [&](const tw::Grid& of, std::size_t count) {
    Eigen::MatrixXd x = Eigen::MatrixXd::Ones(2, 3);
    tw::Sampler(tw::make_plan(edm, "ddpm", of), model, x)(
        x, tw::RecordedNoise({draws.begin(), draws.begin() + static_cast<std::ptrdiff_t>(count)}));
  };
  CHECK(error_of([&] { run(grid, 6); }).empty());  // the step to clean data draws nothing
  CHECK(error_of([&] { run(grid, 7); }).empty());  // but a peer's loop may
  CHECK(error_of([&] { run(grid.first(3), 7); }).empty());
  CHECK(error_of([&] { run(grid.last(3), 7); }).empty());
  CHECK_THAT(error_of([&] { run(grid, 8); }),
             Contains("8 draws are recorded, but the run has 6 and the prior's"));
}

TEST_CASE("noise: a seed for each sample is that of a run of its own, in any batch") {
  const tw::Seeds seeds{41, 1234567890123, 7, 41, 0};
  for (Eigen::Index dim : {1, 3, 16, 31, 32, 33, 1000, 3000}) {
    Eigen::MatrixXf batch(dim, 5), one(dim, 1), part(dim, 2);
    seeds.fill(3, batch);
    for (Eigen::Index k = 0; k < 5; ++k) {
      tw::Noise{.seed = std::vector<std::uint64_t>{41, 1234567890123, 7, 41, 0}[std::size_t(k)]}
          .fill(3, one);
      CHECK(batch.col(k) == one);
    }
    seeds.from_sample(2).fill(3, part);
    CHECK(part == batch.middleCols(2, 2));
    tw::Noise{.seed = 7}.stream("mine").fill(3, one);
    seeds.stream("mine").fill(3, batch);
    CHECK(batch.col(2) == one);
  }
  Eigen::MatrixXd wide(2, 6);
  CHECK_THAT(error_of([&] { seeds.fill(0, wide); }),
             Contains("sample 5 needs a seed, 5 are given"));
}

TEST_CASE("noise: a sequential generator gives whole draws in order, and skips those not used") {
  double counter = 0;
  tw::SequentialNoise noise([&] { return ++counter; });
  Eigen::MatrixXd out(2, 2);
  noise.fill(0, out);
  CHECK(out.reshaped() == Eigen::Vector4d(1, 2, 3, 4));
  noise.fill(1, out);
  CHECK(out(0, 0) == 5);
  noise.fill(4, out);  // draws 2 and 3 had weight 0
  CHECK(out(0, 0) == 17);
  noise.end_run(6, 4, true);  // draws 5 and 6 too
  noise.begin_run(1);
  noise.fill(2, out);
  CHECK(out(0, 0) == 33);
  noise.begin_run(7);  // a part of a run, whose first step numbers its draws from 7
  noise.fill(7, out);
  CHECK(out(0, 0) == 37);
}

TEST_CASE("noise: what it cannot number is refused") {
  Eigen::MatrixXd out(1, 1);
  CHECK_THAT(error_of([&] { tw::Noise{}.fill(-1, out); }), Contains("draw -1"));
  CHECK_THAT(error_of([&] { tw::Noise{.first_sample = -2}.fill(0, out); }),
             Contains("first_sample -2"));
  Eigen::MatrixXd wide(3, 2);
  CHECK_THAT(error_of([&] { tw::Noise{}.fill(0, wide.topRows(2)); }),
             Contains("2 x 2") && Contains("contiguous"));
  CHECK_THAT(error_of([&] { tw::Noise{}.from_sample(std::int64_t{1} << 36).fill(0, out); }),
             Contains("beyond the last, 2^36 - 1"));
  CHECK_THAT(error_of([&] { tw::Noise{}.fill(0, (std::int64_t{1} << 28) + 1, 0, 1, out.data()); }),
             Contains("1 to 2^28 are possible"));
  // Also where the sum would overflow.
  CHECK_THAT(error_of([&] {
               tw::Noise{.first_sample = std::numeric_limits<std::int64_t>::max() - 3}.fill(
                   0, 2, 0, 100, out.data());
             }),
             Contains("beyond the last, 2^36 - 1"));
  CHECK_THAT(error_of([&] { tw::Noise{}.fill(0, 2, -1, 1, out.data()); }),
             Contains("begin = -1 must be at least 0"));
}

TEST_CASE("noise: draws ahead of a small state are those that are made one by one") {
  for (std::int64_t dim : {1, 2, 3, 5, 8, 9})
    for (std::int64_t count : {1, 2, 3, 7}) {
      const tw::Noise noise{.seed = 4, .first_sample = 3};
      std::vector<double> ahead(static_cast<std::size_t>(11 * dim * count));
      std::vector<float> in_float(ahead.size());
      noise.fill_draws(6, 11, dim, count, ahead.data());
      noise.fill_draws(6, 11, dim, count, in_float.data());
      for (int draw = 0; draw < 11; ++draw) {
        Eigen::MatrixXd one(dim, count);
        Eigen::MatrixXf one_in_float(dim, count);
        noise.fill(6 + draw, one);
        noise.fill(6 + draw, one_in_float);
        INFO("dim " << dim << ", count " << count << ", draw " << draw);
        CHECK(one == Eigen::Map<Eigen::MatrixXd>(ahead.data() + draw * dim * count, dim, count));
        CHECK(one_in_float ==
              Eigen::Map<Eigen::MatrixXf>(in_float.data() + draw * dim * count, dim, count));
      }
    }
}

namespace {

/// A run from sigma = 5 to 0.2 along the path of one seed.
Eigen::MatrixXd along_path(const tw::AnySolver& solver, int steps) {
  const tw::AnyProcess vp = tw::VP{};
  const tw::Plan plan = tw::make_plan(
      vp, solver, tw::log_snr(vp, steps, {.sigma_max = 5, .sigma_min = 0.2, .to_zero = false}));
  const tw::BrownianPath path(plan, tw::Noise{.seed = 5});
  Eigen::MatrixXd x(3, 60);
  tw::prior(plan.from(), x, path);
  const tw::Gaussian data = tw::order_target().components()[2];
  tw::Sampler sampler(plan, data, x);
  sampler(x, path);
  return x;
}

}  // namespace

TEST_CASE("Brownian path: the exponential SDE step is of strong order 1 on it", "[long]") {
  const Eigen::MatrixXd reference = along_path(tw::DPMSolverPP1{.eta = 1}, 1280);
  for (const tw::AnySolver& solver :
       {tw::AnySolver(tw::DPMSolverPP1{.eta = 1}),
        tw::AnySolver(tw::DPMSolverPP2M{.eta = 1, .lower_order = tw::LowerOrder::never()}),
        tw::AnySolver(tw::EulerMaruyama{.last_noise = true})}) {
    double first = 0, last = 0;
    for (int steps : {10, 20, 40, 80}) {
      last = (along_path(solver, steps) - reference).norm();
      if (first == 0) first = last;
    }
    INFO(solver.facts().name << ": strong order " << std::log2(first / last) / 3);
    CHECK(std::log2(first / last) / 3 == Approx(1).margin(0.15));
  }
  // Independent draws do not converge at all.
  const tw::AnyProcess vp = tw::VP{};
  const tw::Plan plan =
      tw::make_plan(vp, tw::DPMSolverPP1{.eta = 1},
                    tw::log_snr(vp, 80, {.sigma_max = 5, .sigma_min = 0.2, .to_zero = false}));
  Eigen::MatrixXd x(3, 60);
  tw::prior(plan.from(), x, tw::Noise{.seed = 5});
  tw::Sampler sampler(plan, tw::order_target().components()[2], x);
  sampler(x, tw::Noise{.seed = 5});
  CHECK((x - reference).norm() >
        10 * (along_path(tw::DPMSolverPP1{.eta = 1}, 80) - reference).norm());
}

TEST_CASE("noise: streams by name, by number and of streams are all different") {
  const tw::Noise noise{.seed = 4};
  std::vector<tw::Noise> all{noise,
                             noise.stream("a"),
                             noise.stream("b"),
                             noise.stream("a").stream("b"),
                             noise.stream("b").stream("a"),
                             noise.stream(0),
                             noise.stream(1),
                             noise.stream(256),
                             noise.stream("a").stream(1)};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      Eigen::VectorXd x(4000), y(4000);
      all[i].fill(0, x), all[j].fill(0, y);
      INFO(i << " and " << j);
      CHECK(std::abs(x.dot(y) / 4000) < 5 / std::sqrt(4000.));
    }
}

/// Rows that make the states of a grid, and nothing more.
std::vector<tw::Row> states(const tw::Grid& grid) {
  std::vector<tw::Row> rows;
  for (int k = 0; k < grid.steps(); ++k)
    rows.push_back(tw::Update{
        .out = k + 1, .role = tw::Role::state, .terms = {{{tw::Operand::Kind::value, k}, 1}}});
  return rows;
}

TEST_CASE("Brownian path: short neighbouring steps are normal and independent, or an Error") {
  const tw::Grid grid = tw::from_sigmas(tw::EDM{}, {5, 2, 1, 0.5, 0.2});
  for (double start : {0.3, 1.0, 777.7})
    for (double gap : {1e-2, 1e-4, 8e-6, 1e-6, 1e-9, 1e-12}) {  // of the time itself
      const double middle = start * (1 + gap), end = start * (1 + 2 * gap);
      const tw::Plan plan({}, grid, states(grid),
                          {tw::ClockSpan{start, middle}, tw::ClockSpan{middle, end}});
      INFO("from " << start << ", gap " << gap);
      if (gap < 3e-6) {
        CHECK_THROWS_WITH(tw::BrownianPath(plan, tw::Noise{}), Contains("does not resolve"));
        continue;
      }
      const tw::BrownianPath path(plan, tw::Noise{.seed = 5});
      Eigen::MatrixXd a(10, 2000), b(10, 2000);
      path.fill(1, a), path.fill(2, b);
      const double error = 1 / std::sqrt(20000.);
      CHECK(std::abs(a.squaredNorm() / 20000 - 1) < 4.5 * std::sqrt(2.) * error);
      CHECK(std::abs(b.squaredNorm() / 20000 - 1) < 4.5 * std::sqrt(2.) * error);
      CHECK(std::abs(a.cwiseProduct(b).sum() / 20000) < 4.5 * error);
    }
}

TEST_CASE("Brownian path: increments add up, have unit variance, and are a function of the times") {
  const std::vector<std::pair<double, double>> spans{{0, 0.1},  {0, 40},    {0.1, 0.7}, {0.1, 0.9},
                                                     {0.1, 40}, {0.7, 0.9}, {0.9, 40}};
  std::vector<std::optional<tw::ClockSpan>> draws;
  for (const auto& [from, to] : spans) draws.push_back(tw::ClockSpan{from, to});
  draws.push_back(std::nullopt);
  draws.push_back(tw::ClockSpan{2, std::numeric_limits<double>::infinity()});
  draws.push_back(tw::ClockSpan{2, 2});
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Grid grid = tw::from_sigmas(edm, {5, 2, 1, 0.5, 0.2});
  const tw::Plan plan({}, grid, states(grid), draws);
  const tw::Noise noise{.seed = 11};
  const tw::BrownianPath path(plan, noise);
  const auto draw = [&](int number) {
    Eigen::MatrixXd z(3, 1000);
    path.fill(number, z);
    return z;
  };
  const auto increment = [&](int number) {
    const auto& [from, to] = spans[static_cast<std::size_t>(number) - 1];
    return Eigen::MatrixXd(std::sqrt(to - from) * draw(number));
  };
  const auto close = [](const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
    return (a - b).cwiseAbs().maxCoeff() < 1e-8;
  };
  CHECK(close(increment(3) + increment(6), increment(4)));
  CHECK(close(increment(4) + increment(7), increment(5)));
  CHECK(close(increment(1) + increment(5), increment(2)));
  const double error = 1 / std::sqrt(3000.0);
  for (int number = 1; number <= 7; ++number) {
    const Eigen::MatrixXd z = draw(number);
    INFO("draw " << number);
    CHECK(std::abs(z.mean()) < 4 * error);
    CHECK(std::abs(z.squaredNorm() / 3000 - 1) < 4 * std::sqrt(2.0) * error);
  }
  CHECK(std::abs(draw(3).cwiseProduct(draw(6)).mean()) < 4 * error);
  CHECK(std::abs(draw(6).cwiseProduct(draw(7)).mean()) < 4 * error);
  // Draws without a clock, or with one of no or infinite length, are the ordinary ones.
  for (int number : {0, 8, 9, 10}) {
    Eigen::MatrixXd z(3, 1000);
    noise.fill(number, z);
    CHECK(draw(number) == z);
  }
  // The same path in float, for a part of the batch, and piece by piece.
  Eigen::MatrixXf in_float(3, 7);
  tw::BrownianPath(plan, noise.from_sample(100)).fill(4, in_float);
  CHECK(in_float == draw(4).middleCols(100, 7).cast<float>());
  Eigen::VectorXd piece(50);
  path.fill(4, 3, 31, 50, piece.data());
  CHECK(piece == draw(4).reshaped().segment(31, 50));
  Eigen::MatrixXd from_100(3, 7);
  path.from_sample(100).fill(4, from_100);
  CHECK(from_100 == draw(4).middleCols(100, 7));
  CHECK_THROWS_AS(draw(11), tw::Error);
  // A stream of its own is another path.
  Eigen::MatrixXd other(3, 1000);
  tw::BrownianPath(plan, noise.stream("other")).fill(4, other);
  CHECK(std::abs(other.cwiseProduct(draw(4)).mean()) < 4 * error);
  // A run that goes back would meet the same noise again.
  const tw::Plan twice =
      tw::make_plan(edm, tw::DPMSolverPP2M{.eta = 1},
                    tw::restart(edm, grid, {{.sigma_min = 0.5, .sigma_max = 2}}));
  CHECK_THROWS_WITH(tw::BrownianPath(twice, noise), Contains("passes a level twice"));
}
