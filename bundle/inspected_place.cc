#include "bundle/inspected_place.h"

#include "base/error.h"

#include <fmt/format.h>

namespace tote::bundle {

InspectedPlace::InspectedPlace(const Place& place, registry::Client& client)
    : place_(place), client_(client) {
  if (std::holds_alternative<StandardStream>(place))
    throw Error(ErrorKind::kUsage, "What comes from standard input can not be verified")
        .with_hint("write it to a file first");
}

void InspectedPlace::open(const Session& session) {
  if (file() == nullptr) return;
  archive_ = std::make_unique<const archive::ArchiveReader>(file()->path, session.reading);
  whole_.emplace(*archive_);
}

oci::Repository InspectedPlace::home() const {
  return registry() == nullptr ? oci::Repository() : registry()->repository;
}

oci::ImageReader& InspectedPlace::reader(const oci::Repository& name) {
  if (whole_) return *whole_;
  return client_.repository(name);
}

oci::ImageReader* InspectedPlace::base() const {
  return registry() == nullptr ? nullptr : &client_.repository(home());
}

std::string InspectedPlace::name_of(const oci::Repository& repository,
                                    const oci::Digest& digest) const {
  return registry() == nullptr ? digest.str() : oci::digest_reference(repository, digest);
}

std::string InspectedPlace::name_of_tag(const std::string& tag) const {
  return registry() == nullptr ? tag : fmt::format("{}:{}", home().name(), tag);
}

}  // namespace tote::bundle
