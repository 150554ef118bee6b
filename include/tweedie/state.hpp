// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace tweedie {

static_assert(EIGEN_VERSION_AT_LEAST(3, 4, 0), "tweedie needs Eigen 3.4 or newer");

/// A matrix of samples, one per column, also where Eigen's default is row-major.
template <class T>
using Samples = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;

/// Whether the type alone says that the elements are contiguous and can be written: a Matrix or
/// Array, a Map of one without strides, whole columns (leftCols, col) of either. Not topRows.
template <class X>
inline constexpr bool contiguous = std::is_base_of_v<Eigen::PlainObjectBase<X>, X>;
template <class P, int Options>
inline constexpr bool contiguous<Eigen::Map<P, Options, Eigen::Stride<0, 0>>> = !std::is_const_v<P>;
template <class X, int Rows, int Cols>
inline constexpr bool contiguous<Eigen::Block<X, Rows, Cols, true>> = contiguous<X>;

template <class X>
concept Contiguous = contiguous<X>;
template <class X>
concept RealScalar =
    std::same_as<typename X::Scalar, float> || std::same_as<typename X::Scalar, double>;
template <class X>
concept ColumnMajor = !X::IsRowMajor || X::RowsAtCompileTime == 1;
template <class X>
concept Writable = requires(X& x) {
  { x.data() } -> std::same_as<typename std::remove_cv_t<X>::Scalar*>;
};

/// A batch of states: float or double, dim x count, one sample per column, contiguous, column-major
/// (of a single row either order). A tensor N x C x H x W in row-major order is such a state of
/// C*H*W rows and N columns, by Eigen::Map.
template <class R>
concept State = Contiguous<std::remove_cvref_t<R>> && RealScalar<std::remove_cvref_t<R>> &&
    ColumnMajor<std::remove_cvref_t<R>> && Writable<std::remove_reference_t<R>>;

namespace verbs {

/// Says at compile time what keeps a type from being a state.
template <class R>
consteval bool require_state() {
  using X = std::remove_cvref_t<R>;
  constexpr bool is_array = requires {
    typename X::PlainObject;
  };
  static_assert(is_array, "a state is an Eigen Matrix, an Array or a Map of one");
  if constexpr (is_array) {
    static_assert(RealScalar<X>, "a state has elements of float or double");
    static_assert(ColumnMajor<X>,
                  "a state has one sample per column and is column-major; a row-major array of N "
                  "samples of dim numbers is Eigen::Map<Eigen::MatrixXf>(data, dim, N)");
    static_assert(Contiguous<X>,
                  "a state is contiguous: a matrix, leftCols or middleCols of one; topRows and row "
                  "are not, so copy them into a matrix of their own");
    static_assert(Writable<std::remove_reference_t<R>>,
                  "a state is written to, so it is not const");
  }
  return State<R>;
}

/// Whether two arrays share memory. Expressions that have none of their own share none.
bool overlap(const auto& a, const auto& b) {
  if constexpr (requires { a.data(), b.data(); }) {
    if (a.size() == 0 || b.size() == 0) return false;
    const auto range = [](const auto& x) {
      return std::pair(reinterpret_cast<std::uintptr_t>(&x.coeffRef(0, 0)),
                       reinterpret_cast<std::uintptr_t>(&x.coeffRef(x.rows() - 1, x.cols() - 1)));
    };
    const auto x = range(a), y = range(b);
    return x.first <= y.second && y.first <= x.second;
  } else {
    return false;
  }
}
/// Whether they share it without being the same, so that an operation element by element would read
/// what it has written.
bool overlap_in_part(const auto& a, const auto& b) {
  if constexpr (requires { a.data(), b.data(); })
    return verbs::overlap(a, b) &&
           static_cast<const void*>(a.data()) != static_cast<const void*>(b.data());
  else
    return false;
}

}  // namespace verbs
using namespace verbs;

/// The Matrix or Array of the same kind, scalar and compile-time sizes.
template <class X>
using PlainOf = typename std::remove_cvref_t<X>::PlainObject;

}  // namespace tweedie
