// SPDX-License-Identifier: MIT
// Templates of the headers that the compiled form has instantiated, each behind the header that defines it.
// What depends on simd::InstructionSet is taken where a program's own flags choose the same one.

// behind noise/normals.hpp
namespace tweedie::normals {
extern template void write_blocks<float, InstructionSet>(const NormalStream<InstructionSet>&,
                                                         std::int64_t, std::int64_t, float*) noexcept;
extern template void write_blocks<double, InstructionSet>(const NormalStream<InstructionSet>&,
                                                          std::int64_t, std::int64_t,
                                                          double*) noexcept;
extern template void write_small_samples<float, InstructionSet>(
    const NormalStream<InstructionSet>&, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
    float*) noexcept;
extern template void write_small_samples<double, InstructionSet>(
    const NormalStream<InstructionSet>&, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
    double*) noexcept;
}  // namespace tweedie::normals

// behind run/kernel.hpp
namespace tweedie::executor {
extern template void combine<float, InstructionSet>(float*, std::ptrdiff_t,
                                                    std::span<const Weighted<float>>) noexcept;
extern template void combine<double, InstructionSet>(double*, std::ptrdiff_t,
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
