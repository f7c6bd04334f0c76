#include "bundle/layer_patches.h"

#include "base/codec/patch.h"
#include "base/error.h"
#include "base/mapping.h"
#include "base/mutex.h"
#include "base/temporary_file.h"
#include "bundle/layer_content.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace tote::bundle {
namespace {

// Below this a layer is hardly more than what is said about a patch.
constexpr std::uint64_t kSmallest = 4096;
// What is left of base and content for a patch to speak of both.
constexpr std::uint64_t kMaxContent = kMaxPatched / 2;

// The new layer can do without an earlier one that is not as it should be, or is not there.
bool is_about_content(const Error& error) {
  return error.kind() == ErrorKind::kParse || error.kind() == ErrorKind::kDigestMismatch ||
         error.kind() == ErrorKind::kNotFound || error.is_denied();
}

// How large a patch may be to be worth it.
std::uint64_t worth(std::uint64_t layer) {
  return layer - layer / 8 - kSmallest / 2;
}

class Patching {
 public:
  Patching(const oci::OpenRepository& from, const Session& session)
      : from_(from), session_(session) {}

  // nullopt: it is to travel whole.
  std::optional<archive::RebuiltLayer> make(const oci::CarriedLayer& layer,
                                            const std::vector<FarLayer>& far,
                                            const std::stop_token& stop) {
    const FilePtr content = open_unnamed_file(session_.reading.temporary);
    if (!unpack(layer, *content, stop)) return std::nullopt;
    const Base base = unpack_base(far, stop);
    if (base.layers.empty()) return std::nullopt;
    const FilePtr patch = open_unnamed_file(session_.reading.temporary);
    const std::optional<std::size_t> size =
        write_patch(base, content, patch, layer.blob.size, stop);
    if (!size) return std::nullopt;
    RangeSource bytes(patch, 0, *size);
    const oci::Descriptor blob{
        .media_type = {}, .digest = oci::digest_of(bytes, HashAlgorithm::kSha256), .size = *size};
    const Lock lock(mutex_);
    files_->add(blob, patch);
    return archive::RebuiltLayer{layer.blob, base.layers, base.size, content->size(), blob};
  }

  std::shared_ptr<PatchFiles> files() const { return files_; }

 private:
  bool unpack(const oci::CarriedLayer& layer, const File& content, const std::stop_token& stop) {
    const auto source = from_(layer.repository).open_blob(layer.blob, 0, stop);
    try {
      return is_reproducible(*source, content, kMaxContent, stop);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kParse) throw;
      return false;  // nothing that can be unpacked
    }
  }

  // The contents of layers, one after the other.
  struct Base {
    FilePtr file;  // may hold more behind them
    std::uint64_t size = 0;
    std::vector<oci::Descriptor> layers = {};
  };

  // As many of them as there is room for.
  Base unpack_base(const std::vector<FarLayer>& far, const std::stop_token& stop) {
    Base base{open_unnamed_file(session_.reading.temporary)};
    for (const FarLayer& layer : far) {
      try {
        const auto source = layer.place->open(layer.repository).open_blob(layer.blob, 0, stop);
        base.size += unpack_layer(*source, *base.file, base.size, kMaxContent - base.size, stop);
        base.layers.push_back(layer.blob);
      } catch (const Error& error) {
        if (!is_about_content(error)) throw;
      }
    }
    return base;
  }

  // One at a time, since each takes memory.
  std::optional<std::size_t> write_patch(const Base& base, const FilePtr& content,
                                         const FilePtr& patch, std::uint64_t layer,
                                         const std::stop_token& stop) {
    const Lock lock(patching_);
    if (stop.stop_requested()) throw Cancelled();
    const Mapping from(base.file);
    const Mapping to(content);
    Mapping made(patch, worth(layer));
    const auto size = make_patch(from.bytes().first(base.size), to.bytes(), made.to_write());
    made.shrink(size.value_or(0));
    return size;
  }

  const oci::OpenRepository& from_;
  const Session& session_;
  Mutex patching_;
  Mutex mutex_;
  const std::shared_ptr<PatchFiles> files_ = std::make_shared<PatchFiles>();
};

}  // namespace

const oci::Repository& PatchFiles::name() {
  static const oci::Repository kName{"patches.invalid", "layers"};
  return kName;
}

std::optional<oci::Descriptor> PatchFiles::resolve(std::string_view, std::stop_token) {
  return std::nullopt;
}

oci::ManifestPtr PatchFiles::fetch_manifest(std::string_view tag_or_digest, std::stop_token) {
  throw Error(ErrorKind::kNotFound, fmt::format("'{}' is no patch", tag_or_digest));
}

bool PatchFiles::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return files_.contains(blob.digest);
}

std::unique_ptr<Source> PatchFiles::open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                              std::stop_token) {
  auto content = std::make_unique<RangeSource>(files_.at(blob.digest), offset, blob.size - offset);
  if (offset > 0) return content;
  return std::make_unique<oci::VerifyingSource>(std::move(content), blob);
}

LayerPatches make_patches(const std::vector<oci::CarriedLayer>& layers,
                          const std::map<oci::Digest, std::vector<FarLayer>>& far,
                          const oci::OpenRepository& from, const Session& session) {
  Patching patching(from, session);
  LayerPatches patches{.layers = {}, .files = patching.files()};
  Mutex mutex;
  std::vector<std::pair<const oci::CarriedLayer*, const std::vector<FarLayer>*>> pairs;
  for (const oci::CarriedLayer& layer : layers)
    if (const auto earlier = far.find(layer.blob.digest);
        earlier != far.end() && layer.blob.size >= kSmallest)
      pairs.emplace_back(&layer, &earlier->second);
  const auto make = [&](std::size_t i, const std::stop_token& stop) {
    auto made = patching.make(*pairs[i].first, *pairs[i].second, stop);
    const Lock lock(mutex);
    if (made)
      patches.layers.push_back(*std::move(made));
    else
      ++patches.whole;
  };
  for_each_index(pairs.size(), session.streams, session.pool, session.stop, make);
  std::sort(patches.layers.begin(), patches.layers.end(),
            [](const auto& a, const auto& b) { return a.layer.digest < b.layer.digest; });
  return patches;
}

}  // namespace tote::bundle
