#include "testregistry/layout_takeover.h"

#include "base/error.h"
#include "testregistry/layout_import.h"
#include "testregistry/session_name.h"

#include <fmt/format.h>

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace tote::testregistry {

bool LayoutTakeover::run() {
  const std::string index = read_file(repository_->path + "/index.json", oci::kMaxManifestSize);
  const std::string rest = put_manifests(index);
  if (rest.empty()) {
    remove_layout();
    return true;
  }
  keep_rest(index, rest);
  return false;
}

// Whether the repository has the blob, as it had before or because it is taken over now. What no
// manifest names stays where it is, since garbage collection would take it.
bool LayoutTakeover::bring(const oci::Digest& digest) {
  if (try_stat(repository_->blob(digest))) return true;
  const std::string path = repository_->path + "/blobs/" + digest_path(digest);
  const auto info = try_stat(path);
  if (!info || !S_ISREG(info->st_mode)) return false;  // no link to elsewhere, and no pipe
  FileState& seen = repository_->refused_blobs[path];
  const FileState now{info->st_size, written_at(*info)};
  if (seen == now) return false;
  seen = now;
  if (!file_has_digest(path, digest)) {
    log(fmt::format("{} has other content than its name says; it is not served", path));
    return false;
  }
  storage_.adopt(*repository_, own_file(path), digest);
  repository_->refused_blobs.erase(path);
  return true;
}

// A file that has other names elsewhere could be changed under them: a copy can not.
std::string LayoutTakeover::own_file(const std::string& path) const {
  const auto info = try_stat(path);
  if (!info || info->st_nlink == 1) return path;
  std::string aside = fmt::format("{}/tmp/{}", storage_.files_.root(), new_session_name());
  std::filesystem::copy_file(path, aside);
  try_unlink(path);
  return aside;
}

// Returns what is left of index.json.
std::string LayoutTakeover::put_manifests(const std::string& index) {
  const LayoutContents contents{[&](const oci::Digest& digest) {
                                  return bring(digest) ? try_read(repository_->blob(digest),
                                                                  oci::kMaxManifestSize)
                                                       : std::nullopt;
                                },
                                [&](const oci::Digest& digest) { return bring(digest); }};
  const auto put = [&](const NewManifest& manifest) {
    const bool is_known = try_stat(repository_->manifest(manifest.digest)).has_value();
    if (!is_known || !manifest.tags.empty()) storage_.store_manifest(repository_, manifest);
  };
  try {
    return put_layout_manifests(index, contents, put);
  } catch (const Error& failure) {
    if (failure.kind() != ErrorKind::kParse) throw;
    log(fmt::format("{}: {}; the layout is not served", repository_->path, failure.message()));
    return index;  // perhaps it is being written
  }
}

void LayoutTakeover::keep_rest(const std::string& index, const std::string& rest) {
  if (repository_->index_seen.empty())
    log(fmt::format(
        "{}: not all that its index.json names is there; the rest is taken over when it "
        "has come",
        repository_->path));
  if (rest != index) storage_.files_.write_record(repository_->path + "/index.json", rest);
  repository_->index_seen = rest;
}

void LayoutTakeover::remove_layout() const {
  const std::string& path = repository_->path;
  try_unlink(path + "/index.json");
  try_unlink(path + "/oci-layout");
  for (const char* folder : {"/blobs/sha256", "/blobs/sha512", "/blobs"})
    ::rmdir((path + folder).c_str());  // if it is empty
}

void LayoutTakeover::log(const std::string& line) const {
  if (storage_.log_) storage_.log_(line);
}

}  // namespace tote::testregistry
