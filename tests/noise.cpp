// SPDX-License-Identifier: MIT
// The noise is a contract: its words, its layout, its accuracy, its independence of how it is asked
// for, and its distribution.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <Eigen/Core>

#include "reference/box_muller.hpp"

#include <tweedie/noise/recorded.hpp>
#include <tweedie/noise/sequential.hpp>
#include <tweedie/run/kernel.hpp>

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
  const auto w = tw::Philox::words({u32(position), u32(position >> 32), u32(draw), stream},
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
  CHECK(tw::Philox::words({0, 0, 0, 0}, {0, 0}) ==
        tw::Philox::Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint32_t ones = 0xffffffff;
  CHECK(tw::Philox::words({ones, ones, ones, ones}, {ones, ones}) ==
        tw::Philox::Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(tw::Philox::words({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                          {0xa4093822, 0x299f31d0}) ==
        tw::Philox::Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("noise: Box-Muller is accurate to rounding") {
  const long double pi = std::acos(-1.0L);
  double worst_float = 0, worst_double = 0;
  for (std::uint32_t k = 0; k < 200000; ++k) {
    const auto w = tw::Philox::words({k, 0, 0, 0}, {11, 0});
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
    const tw::Weighted<float> terms[] = {{x.data(), 0.7f}, {z.data(), 0.3f}};
    tw::combine<float>(x.data(), dim * 7, terms);
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
  noise.end_run(6, 4);  // draws 5 and 6 too
  noise.begin_run();
  noise.fill(2, out);
  CHECK(out(0, 0) == 33);
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
             Contains("beyond 2^36"));
  CHECK_THAT(error_of([&] { tw::Noise{}.fill(0, (std::int64_t{1} << 28) + 1, 0, 1, out.data()); }),
             Contains("1 to 2^28 are possible"));
  // Also where the sum would overflow.
  CHECK_THAT(error_of([&] {
               tw::Noise{.first_sample = std::numeric_limits<std::int64_t>::max() - 3}.fill(
                   0, 2, 0, 100, out.data());
             }),
             Contains("beyond 2^36"));
  CHECK_THAT(error_of([&] { tw::Noise{}.fill(0, 2, -1, 1, out.data()); }), Contains("element -1"));
}
