// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <string_view>

namespace tweedie {

/// An explicit Runge-Kutta pair: nodes c, rows a below the diagonal, and the weights e of its error
/// estimate, which are those of the method less those of the lower one. The last row of a is the
/// method's weights, so that the last stage is the first of the next step (first same as last).
struct EmbeddedTableau {
  std::string_view name;
  int order, stages;
  std::array<double, 7> c;
  std::array<std::array<double, 6>, 7> a;
  std::array<double, 7> e;
};

/// Bogacki & Shampine 1989, doi:10.1016/0893-9659(89)90079-7: order 3 with an error of order 2.
inline constexpr EmbeddedTableau bogacki_shampine{
    "Bogacki-Shampine 3(2)",
    3,
    4,
    {0, 1. / 2, 3. / 4, 1},
    {{{}, {1. / 2}, {0, 3. / 4}, {2. / 9, 1. / 3, 4. / 9}}},
    {-5. / 72, 1. / 12, 1. / 9, -1. / 8}};

/// Dormand & Prince 1980, doi:10.1016/0771-050X(80)90013-3: order 5 with an error of order 4;
/// "RK45" in scipy, "dopri5" in torchdiffeq and odeint.
inline constexpr EmbeddedTableau dormand_prince{
    "Dormand-Prince 5(4)",
    5,
    7,
    {0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
    {{{},
      {1. / 5},
      {3. / 40, 9. / 40},
      {44. / 45, -56. / 15, 32. / 9},
      {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
      {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
      {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}}},
    {71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}};

/// Tsitouras 2011, doi:10.1016/j.camwa.2011.06.002: order 5 with an error of order 4, smaller
/// errors than Dormand-Prince on average.
inline constexpr EmbeddedTableau tsitouras{
    "Tsitouras 5(4)",
    5,
    7,
    {0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1},
    {{{},
      {0.161},
      {-0.008480655492356989, 0.335480655492357},
      {2.8971530571054935, -6.359448489975075, 4.3622954328695815},
      {5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
      {5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401,
       -0.028269050394068383},
      {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081,
       2.324710524099774}}},
    {-0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995, -0.1447110071732629,
     0.5823571654525552, -0.45808210592918697, 1. / 66}};

}  // namespace tweedie
