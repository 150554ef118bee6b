#!/usr/bin/env python3
"""Seconds of processor time to compile a program with one sampler, through that solver's own headers,
and one that includes Eigen/Core alone, as JSON: {"g++": {"Eigen/Core": s, "one sampler": s}, ...}."""
import json
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile

EIGEN = "#include <Eigen/Core>\nint main() { Eigen::VectorXd x(3); x.setZero(); return int(x.size()) - 3; }\n"
SAMPLER = """#include <tweedie/forward/prior.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>
#include <tweedie/solver/ode/dpm_solver_multistep.hpp>
namespace tw = tweedie;
int main() {
  const tw::VP process;
  const auto model = tw::predicts_epsilon([](const auto& x, double, auto& out) { out = 0.5 * x; });
  const tw::Plan plan = tw::make_plan(process, tw::DPMSolverPP2M{}, tw::karras(process, 20));
  Eigen::MatrixXf x(2, 100);
  const tw::Noise noise{7};
  tw::prior(plan.from(), x, noise);
  tw::Sampler sampler(plan, model, x);
  sampler(x, noise);
}
"""


def seconds(compiler, text):
    include = pathlib.Path(__file__).resolve().parent.parent / "include"
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "program.cpp"
        source.write_text(text)
        times = []
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            subprocess.run([compiler, "-std=c++20", "-O2", "-I", include, "-isystem", "/usr/include/eigen3",
                            "-c", source, "-o", source.with_suffix(".o")], check=True)
            times.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
        return statistics.median(times)


print(json.dumps({compiler: {"Eigen/Core": seconds(compiler, EIGEN), "one sampler": seconds(compiler, SAMPLER)}
                  for compiler in ("g++", "clang++") if shutil.which(compiler)}))
