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

// Passes a body on and changes the answer to it.
class ChangedExchange final : public Exchange {
 public:
  ChangedExchange(std::unique_ptr<Exchange> inner, std::function<void(Response&)> change)
      : inner_(std::move(inner)), change_(std::move(change)) {}

  void on_body(ConstBytes data) override { inner_->on_body(data); }
  Response finish() override {
    Response response = inner_->finish();
    change_(response);
    return response;
  }
  bool is_decided() const override { return inner_->is_decided(); }
  BodyKind body_kind() const override { return inner_->body_kind(); }
  Lane lane() const override { return inner_->lane(); }

 private:
  std::unique_ptr<Exchange> inner_;
  std::function<void(Response&)> change_;
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
