// What stands in front of a handler and leaves most of it as it is.
#pragma once

#include "testregistry/http/handler.h"

#include <functional>
#include <memory>
#include <utility>

namespace tote::testregistry {

// Passes everything on to the handler behind it, which must outlive it; override what differs.
class HandlerFilter : public Handler {
 public:
  explicit HandlerFilter(Handler& inner) : inner_(inner) {}

  std::optional<Response> answer_now(const RequestHead& head) override {
    return inner_.answer_now(head);
  }
  Lane lane(const RequestHead& head) override { return inner_.lane(head); }
  Begun begin(const RequestHead& head) override { return inner_.begin(head); }

 protected:
  Handler& inner() { return inner_; }

 private:
  Handler& inner_;
};

// Passes a body on to the exchange behind it, which is its own; override what differs.
class ExchangeFilter : public Exchange {
 public:
  explicit ExchangeFilter(std::unique_ptr<Exchange> inner) : inner_(std::move(inner)) {}

  void on_body(ConstBytes data) override { inner_->on_body(data); }
  Response finish() override { return inner_->finish(); }
  bool is_decided() const override { return inner_->is_decided(); }
  BodyKind body_kind() const override { return inner_->body_kind(); }
  Lane lane() const override { return inner_->lane(); }

 protected:
  // Before the filter itself does.
  void let_go_of_inner() { inner_.reset(); }

 private:
  std::unique_ptr<Exchange> inner_;
};

class ChangedExchange final : public ExchangeFilter {
 public:
  ChangedExchange(std::unique_ptr<Exchange> inner, std::function<void(Response&)> change)
      : ExchangeFilter(std::move(inner)), change_(std::move(change)) {}

  Response finish() override {
    Response response = ExchangeFilter::finish();
    change_(response);
    return response;
  }

 private:
  const std::function<void(Response&)> change_;
};

// Changes the answer, whether it is there already or comes behind the body.
inline Begun change_answer(Begun begun, std::function<void(Response&)> change) {
  if (auto* response = std::get_if<Response>(&begun)) {
    change(*response);
    return begun;
  }
  return std::make_unique<ChangedExchange>(std::get<std::unique_ptr<Exchange>>(std::move(begun)),
                                           std::move(change));
}

}  // namespace tote::testregistry
