// The registry: OCI distribution over a Storage.
#pragma once

#include "testregistry/handler.h"
#include "testregistry/route.h"
#include "testregistry/storage.h"

namespace tote::testregistry {

class RegistryHandler final : public Handler {
 public:
  // `storage` must outlive the handler.
  explicit RegistryHandler(Storage& storage) : storage_(storage) {}

  std::optional<Response> answer_now(const RequestHead& head) override;
  Begun begin(const RequestHead& head) override;

 private:
  Storage& storage_;
};

}  // namespace tote::testregistry
