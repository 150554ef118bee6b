// SPDX-License-Identifier: MIT
// Templates of the headers that the compiled form has instantiated, each behind the header that defines it.

// behind state.hpp
namespace tweedie {
// Eigen frees memory in another way than it was allocated in where -m flags give it another alignment. A program
// with flags unlike the library's does not link, for the lack of this function; build both with the same flags.
template <int alignment>
int flags_of_the_compiled_form();
extern template int flags_of_the_compiled_form<EIGEN_DEFAULT_ALIGN_BYTES>();
inline const int flags_are_the_same = flags_of_the_compiled_form<EIGEN_DEFAULT_ALIGN_BYTES>();
}  // namespace tweedie

// behind noise/normals.hpp
namespace tweedie::normals {
extern template void write_blocks<float, simd::InstructionSet>(const NormalStream<simd::InstructionSet>&,
                                                         std::int64_t, std::int64_t, float*) noexcept;
extern template void write_blocks<double, simd::InstructionSet>(const NormalStream<simd::InstructionSet>&,
                                                          std::int64_t, std::int64_t,
                                                          double*) noexcept;
extern template void write_small_samples<float, simd::InstructionSet>(
    const NormalStream<simd::InstructionSet>&, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
    float*) noexcept;
extern template void write_small_samples<double, simd::InstructionSet>(
    const NormalStream<simd::InstructionSet>&, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
    double*) noexcept;
}  // namespace tweedie::normals

// behind run/kernel.hpp
namespace tweedie::executor {
extern template void combine<float, simd::InstructionSet>(float*, std::ptrdiff_t,
                                                    std::span<const Weighted<float>>) noexcept;
extern template void combine<double, simd::InstructionSet>(double*, std::ptrdiff_t,
                                                     std::span<const Weighted<double>>) noexcept;
}  // namespace tweedie::executor

// behind run/program.hpp
namespace tweedie::executor {
extern template Program<float> lower<float>(const Plan&, const Output&, ErrorRows);
extern template Program<double> lower<double>(const Plan&, const Output&, ErrorRows);
}  // namespace tweedie::executor

// behind run/workspace.hpp
namespace tweedie::executor {
extern template class DrawnWhole<float>;
extern template class DrawnWhole<double>;
extern template class DrawnAhead<float, simd::InstructionSet>;
extern template class DrawnAhead<double, simd::InstructionSet>;
extern template class Workspace<float, simd::InstructionSet>;
extern template class Workspace<double, simd::InstructionSet>;
}  // namespace tweedie::executor

// behind plan/by_name.hpp
namespace tweedie {
extern template AnySolver verbs::solver_named(const std::string_view&);
extern template AnySolver verbs::solver_named(const std::string_view&, const Options&);
// and AnySolver's constructor from each solver of the registry
}  // namespace tweedie
