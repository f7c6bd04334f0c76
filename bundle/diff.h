// In what two bundles, images, archives, layouts or locks differ.
#pragma once

#include "bundle/file_tree.h"
#include "bundle/session.h"
#include "oci/platform.h"
#include "registry/client.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

// kMoved: the same image under another name.
enum class Change { kAdded, kRemoved, kChanged, kMoved };
// "added", ...
std::string_view name_of(Change change) noexcept;

// What is not there on one side is nullopt there.
struct ImageChange {
  Change change;
  std::string name;           // without tag and digest, that of before if there is one
  std::string moved_to = {};  // of kMoved, the name of after
  std::optional<oci::Digest> before = {};
  std::optional<oci::Digest> after = {};
};

// Of what an image says of itself (image_facts.h).
struct FactChange {
  Change change;
  std::string name;
  std::optional<std::string> before = {};
  std::optional<std::string> after = {};
};

struct FileChange {
  Change change;
  std::string path;
  std::string bundle =
      {};  // the name of the bundle in the bundle whose file it is; empty: the root's
  std::optional<TreeFile> before = {};
  std::optional<TreeFile> after = {};
};

struct Cost {
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;
};

struct Difference {
  std::optional<oci::Digest> root_before;
  std::optional<oci::Digest> root_after;
  std::vector<ImageChange> images;  // these are sorted by name
  std::vector<FactChange> facts;    // of the roots
  std::vector<FileChange> files;
  std::optional<Cost> cost;  // what after has and before has not; nullopt: not known
  std::string patch = {};    // if it was asked for

  bool is_none() const {
    return root_before == root_after && images.empty() && facts.empty() && files.empty();
  }
};

struct DiffRequest {
  std::string before;  // places, or paths of locks
  std::string after;
  bool files = false;         // those of images too; those of bundles are compared in any case
  bool patch = false;         // the texts of the roots' files
  bool reads_locked = false;  // what images locks name is read, for the cost
  std::optional<oci::Platform> platform = {};  // of an index, the image whose files are compared
};

// Images are told apart by their names, so that another digest of one name is a change. Error, also
// for an index whose files are to be compared and no platform says of which image; Cancelled.
Difference diff(const DiffRequest& request, registry::Client& client, const Session& session);

}  // namespace tote::bundle
