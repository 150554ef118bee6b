#!/usr/bin/env python3
"""Makes the selection of recorded runs that the repository carries.

    tests/golden/select.py FOLDER > tests/golden/selection.jsonl

takes the cases of FOLDER (one JSON file each) that the golden program supports, in their smaller
sizes, and keeps the fields that it reads, one case a line.
"""
import json
import pathlib
import re
import sys

READ = {"case", "peer", "kind", "function", "parameters", "constructor", "process", "model", "sigmas",
        "times", "rhos", "timesteps", "x_init", "latents", "noise", "x_final", "x_final_exact_quadrature",
        "call", "columns", "rows", "order", "coefficients", "C_exact_quadrature", "sampling_eps",
        "sampling_T", "t", "t2alpha(alpha_bar)", "t2rho", "eps_integrand", "psi(t,0.5 t)", "t_0",
        "lambda_probe", "alpha", "sigma", "log_alpha", "lambda", "inverse_lambda_of_lambda",
        "inverse_lambda_of_probe", "u_j", "u_j_stride", "bpd", "nfe_returned_by_peer"}
TABLES = (r"ts_|betas_|alphas_cumprod_(linear|scaled|squared|sigmoid)|timesteps_|get_time_steps"
          r"|singlestep_")
FAMILIES = {
    "k-diffusion": r"sample_(euler|heun|dpm_2|lms|dpm_fast|dpmpp_2m|dpmpp_sde|dpmpp_[23]m_sde"
                   r"|(euler|dpm_2|dpmpp_2s)_ancestral|dpm_adaptive)$|get_sigmas_|get_ancestral_step"
                   r"|linear_multistep_coeff",
    "edm": r"edm_sampler|ablation_sampler|Precond$",
    "deis": r".",
    "score_sde_pytorch": r"get_pc_sampler|SDE$|get_ode_sampler|get_likelihood_fn",
    "diffusers": r"\.(DDIM|DDPM|PNDM|EulerDiscrete|EulerAncestralDiscrete|HeunDiscrete|LMSDiscrete|EDMEuler"
                 r"|KDPM2Discrete|FlowMatchEulerDiscrete|.*Multistep|.*Singlestep)Scheduler$|_get_variance",
    "dpm-solver": r".",
    "UniPC": r".",
}


def small(case):
    return not re.search(r"[nN](20|40)(_|$)", case["case"])


for path in sorted(pathlib.Path(sys.argv[1]).glob("*/*.json")):
    case = json.loads(path.read_text())
    family = FAMILIES.get(case["peer"])
    if "peer_defect" in case or re.match(r"dpm_adaptive_eta|likelihood_ve_gauss", case["case"]):
        continue
    if family is None or not re.search(family, case["function"]) or not small(case):
        continue
    kept = {key: value for key, value in case.items()
            if key in READ or re.match(TABLES, key)}
    for part in ("process", "model"):
        for words in ("formula", "definition"):
            if isinstance(kept.get(part), dict):
                kept[part].pop(words, None)
    print(json.dumps(kept, separators=(",", ":")))
