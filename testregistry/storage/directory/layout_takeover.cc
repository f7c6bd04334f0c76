#include "testregistry/storage/directory/layout_takeover.h"

#include "base/error.h"
#include "base/text.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/values/random_name.h"

#include <fmt/format.h>

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace tote::testregistry {

bool LayoutTakeover::run() {
  // Of what this program adds there nothing can be lost; others know no lock.
  const std::optional<UniqueFd> lock = try_take_layout(repository_->path);
  if (!lock) return false;
  const std::string index = read_index();
  const std::optional<std::string> rest = put_manifests(index);
  if (read_index() != index) return false;  // somebody has more to say: the next look hears it
  if (rest && rest->empty()) {
    remove_layout();
    return true;
  }
  keep_rest(index, rest.value_or(index));
  return false;
}

std::string LayoutTakeover::read_index() const {
  return read_file(repository_->path + "/index.json", oci::kMaxManifestSize);
}

// No link to elsewhere, and no pipe that nobody writes to.
std::optional<struct stat> LayoutTakeover::file_of(const oci::Digest& digest) const {
  const auto info = try_stat(path_of(digest));
  return info && S_ISREG(info->st_mode) ? info : std::nullopt;
}

std::string LayoutTakeover::path_of(const oci::Digest& digest) const {
  return repository_->path + "/blobs/" + digest_path(digest);
}

// Whether the repository has the blob, as it had before or because it is taken over now. What no
// manifest names stays where it is, since garbage collection would take it.
bool LayoutTakeover::bring(const oci::Digest& digest) {
  if (try_stat(repository_->blob(digest))) return true;
  const auto info = file_of(digest);
  if (!info) return false;
  const std::string path = path_of(digest);
  const FileState now{info->st_size, written_at(*info)};
  const auto refused = repository_->refused_blobs.find(path);
  if (refused != repository_->refused_blobs.end() && refused->second == now) return false;
  if (!adopt(path, *info, digest)) {
    log(fmt::format("{} has other content than its name says; it is not served", path));
    repository_->refused_blobs[path] = now;
    return false;
  }
  repository_->refused_blobs.erase(path);
  return true;
}

// A file that has other names elsewhere could be changed under them: a copy can not. Until the pool
// has it, the layout has it.
bool LayoutTakeover::adopt(const std::string& path, const struct stat& info,
                           const oci::Digest& digest) {
  const bool is_shared = info.st_nlink > 1;
  std::string file = path;
  if (is_shared) {
    file = fmt::format("{}/tmp/{}", files_.root(), random_name());
    std::error_code failed;
    if (!std::filesystem::copy_file(path, file, failed))
      throw Error(ErrorKind::kIo, fmt::format("copy {}: {}", path, to_lower(failed.message())));
  }
  const bool is_right = file_has_digest(file, digest);
  if (is_right) {
    files_.sync(*open_for_reading(file));
    pool_.adopt(*repository_, file, digest);
  }
  if (is_shared) try_unlink(is_right ? path : file);
  return is_right;
}

// Of a manifest, for what its tag is; nothing is taken over by that.
std::optional<std::string> LayoutTakeover::peek(const oci::Digest& digest) const {
  if (auto bytes = try_read(repository_->blob(digest), oci::kMaxManifestSize)) return bytes;
  return file_of(digest) ? try_read(path_of(digest), oci::kMaxManifestSize) : std::nullopt;
}

// Returns what is left of index.json; nullopt: it is no index. Perhaps it is being written.
std::optional<std::string> LayoutTakeover::put_manifests(const std::string& index) {
  const LayoutContents contents{[&](const oci::Digest& digest) { return peek(digest); },
                                [&](const oci::Digest& digest) {
                                  return bring(digest) ? try_read(repository_->blob(digest),
                                                                  oci::kMaxManifestSize)
                                                       : std::nullopt;
                                },
                                [&](const oci::Digest& digest) { return bring(digest); }};
  const auto put = [&](const NewManifest& manifest) {
    const bool is_known = try_stat(repository_->manifest(manifest.digest)).has_value();
    if (!is_known || !manifest.tags.empty()) records_.store(repository_, manifest);
  };
  try {
    return put_layout_manifests(index, contents, put);
  } catch (const Error& failure) {
    if (failure.kind() != ErrorKind::kParse) throw;
    if (index != repository_->index_seen)
      log(fmt::format("{}: {}; the layout is not served", repository_->path, failure.message()));
    return std::nullopt;
  }
}

void LayoutTakeover::keep_rest(const std::string& index, const std::string& rest) {
  if (rest != index) {
    files_.write_record(repository_->path + "/index.json", rest);
    log(fmt::format(
        "{}: not all that its index.json names is there; the rest is taken over when it "
        "has come",
        repository_->path));
  }
  repository_->index_seen = rest;
}

void LayoutTakeover::remove_layout() const {
  const std::string& path = repository_->path;
  try_unlink(path + "/index.json");
  try_unlink(path + "/oci-layout");
  for (const char* folder : {"/blobs/sha256", "/blobs/sha512", "/blobs", "/ingest"})
    ::rmdir((path + folder).c_str());  // if it is empty
}

void LayoutTakeover::log(const std::string& line) const {
  if (log_) log_(line);
}

}  // namespace tote::testregistry
