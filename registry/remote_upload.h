// Pushing a blob (OCI distribution specification 1.1, "Pushing blobs").
#pragma once

#include "oci/store.h"
#include "registry/host.h"

#include <stop_token>
#include <string>
#include <vector>

namespace tote::registry {

// A small blob goes in one POST, or, where a registry does not take that, in a PUT after it; a
// large one in a PATCH that can be continued. Nothing is sent before there is content.
class RemoteUpload final : public oci::Upload {
 public:
  enum class Session { kFresh, kEarlier };

  // `location`: the URL of a session to use, which is empty (kFresh) or was left by an earlier
  // run (kEarlier); "": one is begun when it is needed.
  RemoteUpload(Host& host, std::string repository, const oci::Descriptor& blob,
               std::string location, Session session, std::stop_token stop);

  std::uint64_t offset() override;
  void append(Source& content, std::uint64_t size) override;
  void commit() override;
  // What RemoteRepository::continue_upload() needs in a later run; empty: nothing was begun. Who
  // knows it may push there.
  const std::string& location() const noexcept { return location_; }

 private:
  Terms push_terms(std::vector<int> accept) const;
  std::string uploads_path() const;
  void begin_if_need_be();
  void begin_anew();
  std::uint64_t progress_of_session();
  void move_to(const transport::Reply& reply);
  bool is_taken_at_once();
  bool names_blob(const transport::Reply& reply) const;
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
