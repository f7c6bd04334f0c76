#include "registry/mirrored_repository.h"

#include "base/error.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <type_traits>

namespace tote::registry {
namespace {

MirrorServes kind_of(std::string_view tag_or_digest) {
  return tag_or_digest.find(':') == std::string_view::npos ? MirrorServes::kTags
                                                           : MirrorServes::kDigests;
}

bool is_for(MirrorServes serves, MirrorServes kind) {
  return serves == MirrorServes::kAll || serves == kind;
}

// Whether another place may do better. Wrong content is never passed over.
bool may_go_on(const Error& failure) {
  switch (failure.kind()) {
    case ErrorKind::kNotFound:
    case ErrorKind::kTransport:
    case ErrorKind::kRegistry:
    case ErrorKind::kUnauthorized:
    case ErrorKind::kForbidden:
      return true;
    default:
      return false;
  }
}

template <class Found>
bool is_something(const Found& found) {
  return static_cast<bool>(found);
}

}  // namespace

MirroredRepository::MirroredRepository(oci::Repository name, const std::vector<Place>& places,
                                       Words words)
    : name_(std::move(name)), words_(std::move(words)) {
  for (const Place& place : places) entries_.emplace_back(place);
}

void MirroredRepository::say(const std::string& line) const {
  if (words_.debug) words_.debug(line + "\n");
}

bool MirroredRepository::give_up(std::size_t place, const Error& failure) {
  Entry& entry = entries_[place];
  if (!entry.place.is_mirror || !may_go_on(failure)) return false;
  const std::string mirror = entry.place.repository->name().name();
  if (failure.kind() == ErrorKind::kNotFound)
    say(fmt::format("mirror {}: {}", mirror, failure.message()));
  else if (!entry.is_given_up.exchange(true) && words_.notice)
    words_.notice(
        fmt::format("the mirror {} is not asked any more: {}", mirror, failure.message()));
  return true;
}

template <class Ask>
auto MirroredRepository::ask_each(MirrorServes kind, std::size_t first, const Ask& ask,
                                  std::size_t* at) {
  for (std::size_t i = first; i + 1 < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (!is_for(entry.place.serves, kind) || entry.is_given_up) continue;
    try {
      auto found = ask(*entry.place.repository);
      if (!is_something(found)) continue;
      if (at != nullptr) *at = i;
      return found;
    } catch (const Error& failure) {
      if (!give_up(i, failure)) throw;
    }
  }
  if (at != nullptr) *at = entries_.size() - 1;
  return ask(*entries_.back().place.repository);
}

std::optional<oci::Descriptor> MirroredRepository::resolve(std::string_view tag_or_digest,
                                                           std::stop_token stop) {
  std::size_t at = 0;
  auto found = ask_each(
      kind_of(tag_or_digest), 0,
      [&](RemoteRepository& place) { return place.resolve(tag_or_digest, stop); }, &at);
  if (found && kind_of(tag_or_digest) == MirrorServes::kTags)
    say(fmt::format("{}:{} is {} at {}", name_.name(), tag_or_digest, found->digest.str(),
                    entries_[at].place.repository->name().name()));
  return found;
}

oci::ManifestPtr MirroredRepository::fetch_manifest(std::string_view tag_or_digest,
                                                    std::stop_token stop) {
  std::size_t at = 0;
  oci::ManifestPtr found = ask_each(
      kind_of(tag_or_digest), 0,
      [&](RemoteRepository& place) { return place.fetch_manifest(tag_or_digest, stop); }, &at);
  if (found && kind_of(tag_or_digest) == MirrorServes::kTags)
    say(fmt::format("{}:{} is {} at {}", name_.name(), tag_or_digest,
                    found->descriptor().digest.str(),
                    entries_[at].place.repository->name().name()));
  return found;
}

bool MirroredRepository::has_blob(const oci::Descriptor& blob, std::stop_token stop) {
  return ask_each(MirrorServes::kDigests, 0,
                  [&](RemoteRepository& place) { return place.has_blob(blob, stop); });
}

// One that goes on elsewhere when its mirror breaks.
class MirroredRepository::Blob final : public Source {
 public:
  Blob(MirroredRepository& from, const oci::Descriptor& blob, std::uint64_t offset,
       std::stop_token stop)
      : from_(from), blob_(blob), at_(offset), stop_(std::move(stop)) {
    open(0);
  }

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    for (;;) {
      try {
        const std::size_t got = content_->read_some(out);
        at_ += got;
        return got;
      } catch (const Error& failure) {
        if (!from_.give_up(place_, failure)) throw;
      }
      open(place_ + 1);
    }
  }

 private:
  void open(std::size_t first) {
    content_ = from_.ask_each(
        MirrorServes::kDigests, first,
        [&](RemoteRepository& place) { return place.open_blob(blob_, at_, stop_); }, &place_);
  }

  MirroredRepository& from_;
  const oci::Descriptor blob_;
  std::uint64_t at_;
  const std::stop_token stop_;
  std::size_t place_ = 0;
  std::unique_ptr<Source> content_;
};

// What is put together of several places is verified as a whole.
std::unique_ptr<Source> MirroredRepository::open_blob(const oci::Descriptor& blob,
                                                      std::uint64_t offset, std::stop_token stop) {
  auto content = std::make_unique<Blob>(*this, blob, offset, std::move(stop));
  if (offset > 0) return content;
  return std::make_unique<oci::VerifyingSource>(std::move(content), blob);
}

std::vector<oci::Descriptor> MirroredRepository::find_referrers(const oci::Digest& subject,
                                                                std::string_view artifact_type,
                                                                std::stop_token stop) {
  // None is an answer too: who has a mirror may not reach what is behind it.
  return *ask_each(MirrorServes::kDigests, 0, [&](RemoteRepository& place) {
    return std::optional(place.find_referrers(subject, artifact_type, stop));
  });
}

std::optional<std::set<std::string>> MirroredRepository::tags_at_once(std::stop_token stop) {
  return ask_each(MirrorServes::kTags, 0,
                  [&](RemoteRepository& place) { return place.tags_at_once(stop); });
}

}  // namespace tote::registry
