// SPDX-License-Identifier: MIT
// A model of any type behind one, so that what runs it or wraps it is compiled once.
#pragma once

#include <Eigen/Core>

#include <functional>
#include <memory>
#include <utility>

#include <tweedie/model/predict.hpp>
#include <tweedie/model/scratch.hpp>
#include <tweedie/state.hpp>

template <class Plain = Eigen::MatrixXd, bool offers_vjp = false>
class AnyModel {
 public:
  using In = Eigen::Map<const Plain>;
  using Out = Eigen::Map<Plain>;

  tweedie::Output prediction;

  template <class M>
  requires(!std::same_as<M, AnyModel>) AnyModel(M model)
      : prediction(model.prediction), holder_(std::make_shared<Holds<M>>(std::move(model))) {}
  AnyModel(const AnyModel& other) : prediction(other.prediction), holder_(other.holder_->copy()) {}
  AnyModel& operator=(const AnyModel&) = delete;

  void operator()(const In& x, const tweedie::Call& call, Out& out) { holder_->one(x, call, out); }
  void operator()(const In& x, const tweedie::Call& call, Out& data, Out& epsilon) {
    holder_->both(x, call, data, epsilon);
  }
  void vjp(const In& x, const tweedie::Call& call, const In& v, Out& out) requires offers_vjp {
    holder_->vjp(x, call, v, out);
  }
  template <class P>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    static_assert(std::is_same_v<P, Plain>);
    holder_->reserve(dim, count);
  }

 private:
  struct Holder {
    virtual ~Holder() = default;
    virtual std::shared_ptr<Holder> copy() const = 0;
    virtual void one(const In&, const tweedie::Call&, Out&) = 0;
    virtual void both(const In&, const tweedie::Call&, Out&, Out&) = 0;
    virtual void vjp(const In&, const tweedie::Call&, const In&, Out&) {}
    virtual void reserve(Eigen::Index, Eigen::Index) = 0;
  };
  template <class M>
  struct Holds final : Holder {
    explicit Holds(M its) : model(std::move(its)) {}
    std::shared_ptr<Holder> copy() const override { return std::make_shared<Holds>(model); }
    void one(const In& x, const tweedie::Call& call, Out& out) override { model(x, call, out); }
    void both(const In& x, const tweedie::Call& call, Out& data, Out& epsilon) override {
      tweedie::predict_both(model, x, call, data, epsilon);
    }
    void vjp(const In& x, const tweedie::Call& call, const In& v, Out& out) override {
      if constexpr (offers_vjp) model.vjp(x, call, v, out);
    }
    void reserve(Eigen::Index dim, Eigen::Index count) override {
      tweedie::reserve<Plain>(model, dim, count);
    }
    M model;
  };
  std::shared_ptr<Holder> holder_;
};

/// A model of doubles behind one of two types: those that offer a vjp and those that do not.
template <class M>
auto erased(M model) {
  using In = Eigen::Map<const Eigen::MatrixXd>;
  constexpr bool offers_vjp = tweedie::OffersVJP<M, In, In, Eigen::Map<Eigen::MatrixXd>>;
  return AnyModel<Eigen::MatrixXd, offers_vjp>(std::move(model));
}
