#include <iostream>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::Flow process;  // x = (1 - t) data + t noise, as flow matching has it
  // A network goes here. For data around (1, -1) with variance 0.1 the perfect one is a formula.
  auto model = tw::predicts_data([](const auto& x, const tw::Call& call, auto& out) {
    const tw::Level& l = call.level;
    const double gain = 0.1 * l.scale / (0.1 * l.scale * l.scale + l.std * l.std);
    out = gain * x;
    out.colwise() += (1 - gain * l.scale) * Eigen::Vector2d(1, -1);
  });
  const Eigen::MatrixXd x =
      tw::sample<Eigen::MatrixXd>(process, model, tw::UniPC{}, tw::focused(process, 40),
                                  {.dim = 2, .count = 100000, .noise = {.seed = 7}});
  const Eigen::VectorXd mean = x.rowwise().mean();
  const double variance = (x.colwise() - mean).squaredNorm() / static_cast<double>(x.size());
  std::cout << "mean " << mean.transpose() << ", variance " << variance << "\n";
}
