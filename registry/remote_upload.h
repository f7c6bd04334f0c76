// Pushing a blob (OCI distribution specification 1.1, "Pushing blobs").
#pragma once

#include "oci/store.h"
#include "registry/host.h"
#include "registry/upload_journal.h"

#include <stop_token>
#include <string>
#include <vector>

namespace tote::registry {

// A small blob goes in one POST, or, where a registry does not take that, in a PUT after it; a
// large one in a PATCH that can be continued, or in several where bodies have to be smaller.
// Nothing is sent before there is content.
class RemoteUpload final : public oci::Upload {
 public:
  // Up to here the second request of a PATCH and a PUT would cost more than the bytes.
  static constexpr std::uint64_t kSmallBlob = 512 * 1024;

  // `location`: the URL of an empty session to use; "": one is begun when it is needed. `entry`:
  // where it is written down how far this is, and perhaps a session that an earlier run has left,
  // which is used then; may be null.
  RemoteUpload(Host& host, std::string repository, const oci::Descriptor& blob,
               std::string location, std::unique_ptr<UploadEntry> entry, std::stop_token stop);

  std::uint64_t offset() override;
  void append(Source& content, std::uint64_t size) override;
  void commit() override;

 private:
  Terms push_terms(std::vector<int> accept) const;
  std::string uploads_path() const;
  void begin_if_need_be();
  void begin_anew();
  std::uint64_t progress_of_session();
  void move_to(const transport::Reply& reply);
  void go_to(std::string location);
  std::uint64_t next_chunk(std::uint64_t left) const noexcept;
  void send_chunk(Source& content, std::uint64_t size, std::uint64_t left);
  std::unique_ptr<transport::Reply> patch(const transport::Request& request);
  bool is_taken_at_once();
  bool names_blob(const transport::Reply& reply) const;
  [[noreturn]] void send_elsewhere(transport::Reply& reply);
  bool is_there();
  bool has_arrived();
  [[noreturn]] void throw_after_commit(RegistryError error);
  template <class Send>
  std::unique_ptr<transport::Reply> begin_again_if_lost(Send send);

  Host& host_;
  const std::string repository_;
  const oci::Descriptor blob_;
  std::string location_;
  const std::unique_ptr<UploadEntry> entry_;
  std::stop_token stop_;
  bool is_of_earlier_run_ = false;  // the session is
  std::uint64_t least_chunk_ = 0;   // that the registry takes, but for the last one
  bool offset_known_;
  std::uint64_t offset_ = 0;
  std::string held_;  // a small blob, until commit()
};

}  // namespace tote::registry
