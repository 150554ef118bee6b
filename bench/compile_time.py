#!/usr/bin/env python3
"""Seconds of processor time to compile programs, as JSON {"g++": {"Eigen/Core": s, ...}, ...}: one that
includes Eigen/Core alone, one with a sampler through its solver's own headers, examples/hello.cpp with the
umbrella header, that with a solver by its name, and the examples of posteriors and of likelihoods; with the
headers, and with the compiled form. --once: one time each, and a table of the ratios to Eigen/Core."""
import json
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
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
            "by name": HELLO.replace("tw::UniPC{}", '"unipc"'),
            "posterior": (ROOT / "examples" / "inverse.cpp").read_text(),
            "likelihood": (ROOT / "examples" / "likelihood.cpp").read_text()}
ONCE = "--once" in sys.argv


def seconds(compiler, text, include):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "program.cpp"
        source.write_text(text)
        times = []
        for _ in range(1 if ONCE else 3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            subprocess.run([compiler, "-std=c++20", "-O2", "-I", include, "-I", ROOT / "examples", "-isystem",
                            "/usr/include/eigen3", "-c", source, "-o", source.with_suffix(".o")], check=True)
            times.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
        return statistics.median(times)


with tempfile.TemporaryDirectory() as form:
    subprocess.run([sys.executable, ROOT / "cmake" / "compiled_form.py", form], check=True, stdout=subprocess.DEVNULL)
    forms = {"": ROOT / "include", ", compiled form": pathlib.Path(form) / "include"}
    measured = {compiler + form: {name: seconds(compiler, text, include) for name, text in PROGRAMS.items()}
                for compiler in ("g++", "clang++") if shutil.which(compiler) for form, include in forms.items()}
if ONCE:
    for form, times in measured.items():
        print(form + ": " + ", ".join(f"{name} {time:.2f} s ({time / times['Eigen/Core']:.1f})"
                                      for name, time in times.items()))
else:
    print(json.dumps(measured))
