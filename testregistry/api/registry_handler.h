// The registry: OCI distribution over a Storage.
#pragma once

#include "testregistry/api/registry_options.h"
#include "testregistry/api/route.h"
#include "testregistry/http/handler.h"
#include "testregistry/storage/storage.h"

namespace tote::testregistry {

class RegistryHandler final : public Handler {
 public:
  // `storage` must outlive the handler.
  explicit RegistryHandler(Storage& storage, RegistryOptions options = {})
      : storage_(storage), writable_(&storage), options_(std::move(options)) {}
  // Read only: whatever would change something is 405.
  explicit RegistryHandler(StorageReader& storage, RegistryOptions options = {})
      : storage_(storage), options_(std::move(options)) {}

  std::optional<Response> answer_now(const RequestHead& head) override;
  Begun begin(const RequestHead& head) override;

 private:
  bool is_in_memory(const Route& route, Use use);

  StorageReader& storage_;
  Storage* writable_ = nullptr;
  RegistryOptions options_;
};

}  // namespace tote::testregistry
