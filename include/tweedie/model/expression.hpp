// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <type_traits>

namespace tweedie {

/// Whether an Eigen expression holds a reference to a Matrix or an Array. It holds maps, blocks and
/// other expressions by value.
template <class E>
inline constexpr bool refers_to_a_matrix = false;
/// A Matrix, an Array, a sparse one, or a Ref, which may be a temporary of the call.
template <class E>
concept HeldByReference = std::is_base_of_v<Eigen::RefBase<E>, E> || requires {
  requires std::same_as<typename E::PlainObject, E>;
};
template <class E>
inline constexpr bool is_or_refers_to_a_matrix =
    HeldByReference<std::remove_const_t<E>> || refers_to_a_matrix<std::remove_const_t<E>>;
template <template <class, auto...> class E, class A, auto... Sizes>
inline constexpr bool refers_to_a_matrix<E<A, Sizes...>> =
    !HeldByReference<E<A, Sizes...>> && is_or_refers_to_a_matrix<A>;
template <template <class, class, auto...> class E, class A, class B, auto... Options>
inline constexpr bool refers_to_a_matrix<E<A, B, Options...>> =
    is_or_refers_to_a_matrix<A> || is_or_refers_to_a_matrix<B>;
template <template <class, class, class, auto...> class E, class A, class B, class C,
          auto... Options>
inline constexpr bool refers_to_a_matrix<E<A, B, C, Options...>> =
    is_or_refers_to_a_matrix<A> || is_or_refers_to_a_matrix<B> || is_or_refers_to_a_matrix<C>;
template <class Op, class Shape>
inline constexpr bool refers_to_a_matrix<Eigen::CwiseNullaryOp<Op, Shape>> = false;

}  // namespace tweedie
