// A repository on a registry, as a place that holds images (OCI distribution specification 1.1).
#pragma once

#include "base/mutex.h"
#include "oci/store.h"
#include "registry/host.h"
#include "registry/remote_upload.h"

#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tote::registry {

// Thread-safe. The host must outlive it.
class RemoteRepository final : public oci::ImageReader, public oci::ImageWriter {
 public:
  RemoteRepository(Host& host, oci::Repository name) : host_(host), name_(std::move(name)) {}

  const oci::Repository& name() const noexcept { return name_; }
  const RetryPolicy& retry_policy() const noexcept { return host_.retry_policy(); }

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;
  // What the registry says of a blob of which only the digest is known: its size.
  // RegistryError{kNotFound} if it is not there, Error{kRegistry} if its size is not said.
  oci::Descriptor describe_blob(const oci::Digest& digest, std::stop_token stop);
  // By the registry's list, or where it keeps none by the tag that clients keep instead
  // ("Unavailable Referrers API"). Error{kRegistry} above oci::kMaxReferrers.
  std::vector<oci::Descriptor> find_referrers(const oci::Digest& subject,
                                              std::string_view artifact_type,
                                              std::stop_token stop) override;

  // Up to a thousand.
  std::optional<std::set<std::string>> tags_at_once(std::stop_token stop) override;

  // Other repositories of its registry.
  bool may_mount_from(const oci::Repository& from) const override;
  bool try_mount(const oci::Descriptor& blob, const oci::Repository& from,
                 std::stop_token stop) override;
  // Goes on with one that an earlier run has left, if the client keeps a journal.
  std::unique_ptr<oci::Upload> begin_upload(const oci::Descriptor& blob,
                                            std::stop_token stop) override;
  // One with a subject is put into the list of the subject's referrers too, if the registry does
  // not say that it does so itself ("Pushing Manifests with Subject").
  void push_manifest(const oci::Manifest& manifest, std::string_view tag_or_digest,
                     std::stop_token stop) override;
  bool lists_referrer(const oci::Manifest& manifest, std::stop_token stop) override;
  std::uint64_t sent_at_once() const override;

  // push_manifest() under a tag that people look at, unless it leads there already: where tags may
  // not move, setting one to what it is would be refused.
  void set_tag(const oci::Manifest& manifest, std::string_view tag, std::stop_token stop);

  // A tag alone, or a manifest with all tags that lead to it ("Deleting tags", "Deleting
  // Manifests"). Error{kNotFound} if it is not there; RegistryError, with a hint, where the
  // registry does not do that.
  void remove(std::string_view tag_or_digest, std::stop_token stop);

  // In the registry's order. Error{kRegistry} for a list that repeats itself, that goes on
  // somewhere else or in a way that can not be understood, or that is larger than 64 MiB.
  std::vector<std::string> tags(std::stop_token stop);

 private:
  std::string path(std::string_view rest) const;
  std::string tags_path() const;
  std::string manifest_path(std::string_view tag_or_digest) const;
  std::optional<oci::Descriptor> look_by_get(std::string_view tag_or_digest, std::stop_token stop);
  std::optional<oci::Descriptor> look_by_get_if_allowed(std::string_view tag_or_digest,
                                                        std::stop_token stop);
  std::optional<oci::Descriptor> look_again(std::string_view tag_or_digest, std::stop_token stop);
  // nullopt also where it is not allowed to look.
  std::optional<oci::Descriptor> look_if_allowed(std::string_view tag_or_digest,
                                                 std::stop_token stop);
  bool leads_to(std::string_view tag_or_digest, const oci::Digest& digest,
                const std::stop_token& stop);
  std::unique_ptr<transport::Reply> put_manifest(const std::string& bytes,
                                                 const std::string& media_type,
                                                 std::string_view tag_or_digest,
                                                 const std::stop_token& stop);
  void list_by_tag(const oci::Manifest& referrer, const std::stop_token& stop);
  // nullptr: there is no such tag.
  oci::ManifestPtr find_by_tag(const std::string& tag, const std::stop_token& stop);
  void keep_session(const oci::Digest& digest, std::string location);
  std::string take_session(const oci::Digest& digest);
  void check_named(const transport::Reply& reply, const std::string& bytes, std::string_view tag,
                   const std::stop_token& stop);
  void check_stored(const oci::Digest& sent, const oci::Digest& stored,
                    std::string_view tag_or_digest) const;

  Host& host_;
  const oci::Repository name_;
  Mutex trying_head_;                                 // held while it is found out whether
  std::atomic<bool> head_is_believed_ = false;        // "not found" to a HEAD was right once
  std::atomic<bool> head_was_wrong_ = false;          // or wrong
  std::atomic<bool> may_not_look_ = false;            // the first look at a blob was denied
  std::atomic<bool> has_looked_ = false;              // one was answered
  std::atomic<bool> may_have_referrer_lists_ = true;  // until it is asked for one
  std::atomic<bool> mounts_break_ = false;            // nothing usable came of one
  Mutex referrer_tags_;                               // held while one of them is changed
  Mutex mutex_;
  // A mount that a registry declines begins an upload, whose location is kept for begin_upload().
  std::map<oci::Digest, std::string> declined_mounts_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::registry
