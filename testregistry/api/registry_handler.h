// The registry: OCI distribution over a storage.
#pragma once

#include "testregistry/api/registry_options.h"
#include "testregistry/api/route.h"
#include "testregistry/http/handler.h"
#include "testregistry/storage/storage.h"

#include <optional>
#include <utility>

namespace tote::testregistry {

class RegistryHandler final : public Handler {
 public:
  explicit RegistryHandler(StorageWriter storage, RegistryOptions options = {})
      : storage_(storage.blobs, storage.records),
        writable_(storage),
        options_(std::move(options)) {}
  // Read only: whatever would change something is 405.
  explicit RegistryHandler(StorageReader storage, RegistryOptions options = {})
      : storage_(storage), options_(std::move(options)) {}
  explicit RegistryHandler(Storage& storage, RegistryOptions options = {})
      : RegistryHandler(StorageWriter(storage), std::move(options)) {}

  std::optional<Response> answer_now(const RequestHead& head) override;
  Begun begin(const RequestHead& head) override;

 private:
  bool is_in_memory(const Route& route, Use use);

  const StorageWriter* writable() const { return writable_ ? &*writable_ : nullptr; }

  const StorageReader storage_;
  const std::optional<StorageWriter> writable_;  // nullopt: read only
  RegistryOptions options_;
};

}  // namespace tote::testregistry
