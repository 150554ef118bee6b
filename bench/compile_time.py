#!/usr/bin/env python3
"""Seconds of processor time to compile four programs, as JSON {"g++": {"Eigen/Core": s, ...}, ...}: one
that includes Eigen/Core alone, one with a sampler through its solver's own headers, examples/hello.cpp
with the umbrella header, and that with a solver by its name."""
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

ROOT = pathlib.Path(__file__).resolve().parent.parent
HELLO = (ROOT / "examples" / "hello.cpp").read_text()
PROGRAMS = {"Eigen/Core": EIGEN, "one sampler": SAMPLER, "hello": HELLO,
            "by name": HELLO.replace("tw::DPMSolverPP2M{}", '"dpmpp_2m"')}


def seconds(compiler, text):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "program.cpp"
        source.write_text(text)
        times = []
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            subprocess.run([compiler, "-std=c++20", "-O2", "-I", ROOT / "include", "-isystem", "/usr/include/eigen3",
                            "-c", source, "-o", source.with_suffix(".o")], check=True)
            times.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
        return statistics.median(times)


print(json.dumps({compiler: {name: seconds(compiler, text) for name, text in PROGRAMS.items()}
                  for compiler in ("g++", "clang++") if shutil.which(compiler)}))
