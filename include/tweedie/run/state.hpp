// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <type_traits>

namespace tweedie {

/// Whether the type alone says that the elements are contiguous and can be written: a Matrix or
/// Array, a Map of one without strides, whole columns (leftCols, col) of either. Not topRows.
template <class X>
inline constexpr bool contiguous = std::is_base_of_v<Eigen::PlainObjectBase<X>, X>;
template <class P, int Options>
inline constexpr bool contiguous<Eigen::Map<P, Options, Eigen::Stride<0, 0>>> = !std::is_const_v<P>;
template <class X, int Rows, int Cols>
inline constexpr bool contiguous<Eigen::Block<X, Rows, Cols, true>> = contiguous<X>;

/// A batch of states: float or double, dim x count, one sample a column, contiguous, column-major
/// (of a single row either order). A tensor N x C x H x W in row-major order is such a state of
/// C*H*W rows and N columns, by Eigen::Map.
template <class Reference>
concept State = contiguous<std::remove_cvref_t<Reference>> &&
    requires(std::remove_reference_t<Reference>& x) {
  { x.data() } -> std::same_as<typename std::remove_cvref_t<Reference>::Scalar*>;
} &&(std::same_as<typename std::remove_cvref_t<Reference>::Scalar, float> ||
     std::same_as<typename std::remove_cvref_t<Reference>::Scalar,
                  double>)&&(!std::remove_cvref_t<Reference>::IsRowMajor ||
                             std::remove_cvref_t<Reference>::RowsAtCompileTime == 1);

/// The Matrix or Array of the same kind, scalar and compile-time sizes.
template <State X>
using PlainOf = typename std::remove_cvref_t<X>::PlainObject;

}  // namespace tweedie
