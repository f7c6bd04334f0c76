// A repository that is read from mirrors, and where they fail from where it is.
#pragma once

#include "oci/store.h"
#include "registry/registries_conf.h"
#include "registry/remote_repository.h"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tote::registry {

// Thread-safe. What is asked for by digest is verified wherever it comes from; a tag is what the
// first mirror says that has it. A mirror that is not reached, refuses or fails is left alone from
// then on, in the middle of a blob too; what it does not have is asked for behind it. Content that
// is wrong is an error.
class MirroredRepository final : public oci::ImageReader {
 public:
  struct Place {
    RemoteRepository* repository;  // must outlive this
    MirrorServes serves = MirrorServes::kAll;
    bool is_mirror = true;  // of the last one false
  };
  struct Words {
    std::function<void(std::string_view)> debug = {};   // where things come from; any thread
    std::function<void(std::string_view)> notice = {};  // that a mirror is given up
  };

  MirroredRepository(oci::Repository name, const std::vector<Place>& places, Words words);

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override;
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;
  // What the first mirror says that answers, also that there are none.
  std::vector<oci::Descriptor> find_referrers(const oci::Digest& subject,
                                              std::string_view artifact_type,
                                              std::stop_token stop) override;
  std::optional<std::set<std::string>> tags_at_once(std::stop_token stop) override;

 private:
  class Blob;
  struct Entry {
    explicit Entry(const Place& from) : place(from) {}
    const Place place;
    std::atomic<bool> is_given_up = false;
  };

  // Calls `ask` with one repository after the other, from `first` on, until it has something; what
  // the last one gives is the answer. Says at which it was.
  template <class Ask>
  auto ask_each(MirrorServes kind, std::size_t first, const Ask& ask, std::size_t* at = nullptr);
  // Whether there is another place after this failure; it is told then.
  bool give_up(std::size_t place, const Error& failure);
  void say(const std::string& line) const;

  const oci::Repository name_;
  std::deque<Entry> entries_;
  const Words words_;
};

}  // namespace tote::registry
