// A place that is looked at: a repository in a registry, an archive, or a layout.
#pragma once

#include "archive/archive_reader.h"
#include "archive/whole_archive.h"
#include "bundle/place.h"
#include "bundle/session.h"
#include "registry/client.h"

#include <memory>
#include <optional>
#include <string>

namespace tote::bundle {

// Thread-safe once it is open. The place and the client must outlive it.
class InspectedPlace {
 public:
  // Error{kUsage} for standard input.
  InspectedPlace(const Place& place, registry::Client& client);

  // Reads what there is to be read of a file. Error as archive::ArchiveReader.
  void open(const Session& session);

  // Null: it is a registry.
  const archive::ArchiveReader* archive() const noexcept { return archive_.get(); }
  // Null: it is a file.
  const RegistryPlace* registry() const noexcept { return std::get_if<RegistryPlace>(&place_); }
  // Null: it is a registry.
  const FilePlace* file() const noexcept { return std::get_if<FilePlace>(&place_); }

  // The repository of the place; empty for a file, which has no names.
  oci::Repository home() const;
  // Of a file everything is there, whatever repository is asked.
  oci::ImageReader& reader(const oci::Repository& name);
  // Where it has what layers may be made of; null: it is a file.
  oci::ImageReader* base() const;
  // How people call something in it.
  std::string name_of(const oci::Repository& repository, const oci::Digest& digest) const;
  std::string name_of_tag(const std::string& tag) const;

 private:
  const Place& place_;
  registry::Client& client_;
  std::unique_ptr<const archive::ArchiveReader> archive_;
  std::optional<archive::WholeArchive> whole_;
};

}  // namespace tote::bundle
