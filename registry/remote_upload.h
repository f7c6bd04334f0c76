// Pushing a blob (OCI distribution specification 1.1, "Pushing blobs").
#pragma once

#include "oci/store.h"
#include "registry/host.h"

#include <stop_token>
#include <string>

namespace tote::registry {

// A small blob goes in one PUT, a large one in a PATCH that can be continued.
class RemoteUpload final : public oci::Upload {
 public:
  enum class Session { kFresh, kEarlier };

  // `location`: the URL of a session to use, which is empty (kFresh) or was left by an earlier
  // run (kEarlier); "": one is begun.
  RemoteUpload(Host& host, std::string repository, const oci::Descriptor& blob,
               std::string location, Session session, std::stop_token stop);

  std::uint64_t offset() override;
  void append(Source& content, std::uint64_t size) override;
  void commit() override;
  // What RemoteRepository::continue_upload() needs in a later run. Who knows it may push there.
  const std::string& location() const noexcept { return location_; }

 private:
  void begin();
  Terms push_terms(std::vector<int> accept) const;
  void move_to(const transport::Reply& reply);
  [[noreturn]] void send_elsewhere(transport::Reply& reply);
  bool is_there();
  template <class Send>
  std::unique_ptr<transport::Reply> begin_again_if_lost(Send send);

  Host& host_;
  const std::string repository_;
  const oci::Descriptor blob_;
  std::string location_;
  std::stop_token stop_;
  bool offset_known_;
  std::uint64_t offset_ = 0;
  std::string held_;  // a small blob, until commit()
};

}  // namespace tote::registry
