// SPDX-License-Identifier: MIT
#pragma once

// All that a program needs to sample. Rooms that cost compile time or start threads are included by
// those who use them:
//
//   tweedie/distribution/{gaussian,mixture}.hpp   data whose exact model is a formula
//   tweedie/analysis/{moments,order}.hpp          exact moments of a plan, measured orders
//   tweedie/parallel/{blocked_sampler,blocks,threads}.hpp
//   tweedie/inverse/{dps,posterior,replacement}.hpp  samples given a measurement
//   tweedie/formats/scheduler_config.hpp          files of diffusers; needs nlohmann-json
//   tweedie/adaptive/{adaptive_sampler,methods}.hpp  steps chosen by their errors
//   tweedie/likelihood/{log_likelihood,variational_bound}.hpp
//   tweedie/noise/brownian_path.hpp               noise that is one path whatever the steps
//   tweedie/plan/{text,plan_from}.hpp             plans as text, and back
//   tweedie/tuning/tune.hpp                       plans fitted to a network
//   tweedie/training/*.hpp                        levels, targets and weights for training
//   tweedie/inversion/reversible_sampler.hpp      encoding that is undone
//   tweedie/plan/eager.hpp                        the readable reference of the executor

#include "tweedie/error.hpp"
#include "tweedie/forward/diffuse.hpp"
#include "tweedie/forward/forward_path.hpp"
#include "tweedie/forward/latents.hpp"
#include "tweedie/forward/prior.hpp"
#include "tweedie/grid/by_name.hpp"
#include "tweedie/grid/focused.hpp"
#include "tweedie/grid/grid.hpp"
#include "tweedie/grid/interval.hpp"
#include "tweedie/grid/outer_grid.hpp"
#include "tweedie/grid/restart.hpp"
#include "tweedie/grid/shift.hpp"
#include "tweedie/grid/spacing.hpp"
#include "tweedie/grid/spacing_in_time.hpp"
#include "tweedie/grid/timesteps.hpp"
#include "tweedie/model/checked.hpp"
#include "tweedie/model/classifier_guided.hpp"
#include "tweedie/model/clipped.hpp"
#include "tweedie/model/guidance_weight.hpp"
#include "tweedie/model/guided.hpp"
#include "tweedie/model/guided_batched.hpp"
#include "tweedie/model/in_float.hpp"
#include "tweedie/model/model.hpp"
#include "tweedie/model/preconditioned.hpp"
#include "tweedie/model/predict.hpp"
#include "tweedie/model/prediction.hpp"
#include "tweedie/model/trained_on.hpp"
#include "tweedie/names.hpp"
#include "tweedie/noise/noise.hpp"
#include "tweedie/noise/recorded.hpp"
#include "tweedie/noise/seeds.hpp"
#include "tweedie/noise/sequential.hpp"
#include "tweedie/plan/by_name.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/plan/print.hpp"
#include "tweedie/process/betas.hpp"
#include "tweedie/process/by_name.hpp"
#include "tweedie/process/cosine.hpp"
#include "tweedie/process/custom.hpp"
#include "tweedie/process/edm.hpp"
#include "tweedie/process/flow.hpp"
#include "tweedie/process/from_sde.hpp"
#include "tweedie/process/process.hpp"
#include "tweedie/process/sub_vp.hpp"
#include "tweedie/process/tabulated_vp.hpp"
#include "tweedie/process/trig_flow.hpp"
#include "tweedie/process/ve.hpp"
#include "tweedie/process/vp.hpp"
#include "tweedie/run/sampler.hpp"
#include "tweedie/run/steps.hpp"
#include "tweedie/sample.hpp"
#include "tweedie/solver/ode/dpm_solver_singlestep.hpp"
#include "tweedie/solver/registry.hpp"
#include "tweedie/solver/wrap/churn.hpp"
#include "tweedie/solver/wrap/predictor_corrector.hpp"
#include "tweedie/solver/wrap/with_starter.hpp"
#include "tweedie/state.hpp"
#include "tweedie/version.hpp"
