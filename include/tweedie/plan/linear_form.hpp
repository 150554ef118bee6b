// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tweedie/error.hpp"

namespace tweedie {

/// What a row of a plan refers to: a value (a state, a stage, a prediction) or a draw of noise.
struct Operand {
  enum class Kind { value, draw };

  Kind kind = Kind::value;
  int index = 0;

  bool is_value() const { return kind == Kind::value; }
  bool is_draw() const { return kind == Kind::draw; }
  friend bool operator==(const Operand&, const Operand&) = default;
};

struct Term {
  Operand operand;
  double weight = 0;
  friend bool operator==(const Term&, const Term&) = default;
};

/// A symbol that stands for an array in a solver's text: a sum of weighted operands. Sums, and
/// products and quotients with numbers, are all that it knows; anything that is not linear does not
/// compile.
class LinearForm {
 public:
  LinearForm() = default;
  explicit LinearForm(Operand operand) : terms_{{operand, 1}} {}

  static LinearForm value(int index) { return LinearForm({Operand::Kind::value, index}); }
  static LinearForm draw(int number) { return LinearForm({Operand::Kind::draw, number}); }

  const std::vector<Term>& terms() const { return terms_; }

  friend LinearForm operator+(LinearForm a, const LinearForm& b) {
    for (const Term& term : b.terms_) a.add(term);
    return a;
  }
  friend LinearForm operator*(double factor, LinearForm a) {
    for (Term& term : a.terms_) term.weight *= factor;
    return a;
  }
  friend LinearForm operator*(LinearForm a, double factor) { return factor * std::move(a); }
  friend LinearForm operator/(LinearForm a, double divisor) {
    for (Term& term : a.terms_) term.weight /= divisor;
    return a;
  }
  friend LinearForm operator-(LinearForm a) { return -1.0 * std::move(a); }
  friend LinearForm operator-(LinearForm a, const LinearForm& b) {
    for (const Term& term : b.terms_) a.add({term.operand, -term.weight});
    return a;
  }

  friend LinearForm operator*(const LinearForm&, const LinearForm&) = delete;
  friend LinearForm operator/(const LinearForm&, const LinearForm&) = delete;
  friend LinearForm operator/(double, const LinearForm&) = delete;

 private:
  std::vector<Term> terms_;

  void add(const Term& term) {
    for (Term& own : terms_)
      if (own.operand == term.operand) {
        own.weight += term.weight;
        return;
      }
    terms_.push_back(term);
  }
};

namespace verbs {

inline std::string to_string(const Operand& operand) {
  return (operand.is_draw() ? "z" : "r") + std::to_string(operand.index);
}
inline std::string to_string(const std::vector<Term>& terms) {
  if (terms.empty()) return "0";
  std::string text;
  for (const Term& term : terms) {
    const bool negative = term.weight < 0;
    text += text.empty() ? (negative ? "-" : "") : (negative ? " - " : " + ");
    text += to_text(negative ? -term.weight : term.weight) + " " + to_string(term.operand);
  }
  return text;
}
inline std::string to_string(const LinearForm& form) {
  return to_string(form.terms());
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
