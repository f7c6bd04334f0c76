#include "archive/earlier_layers.h"

#include "archive/imgpkg_manifest.h"
#include "archive/oci_layout.h"
#include "base/codec/tar_reader.h"
#include "base/error.h"
#include "oci/verify.h"

namespace tote::archive {

EarlierLayers::EarlierLayers(const ReaderPtr& archive) {
  const std::uint64_t size = archive->size();
  TarReader tar(*archive);
  try {
    std::optional<TarEntry> entry;
    while (entries_.size() < kMaxTarEntries && (entry = tar.next()))
      if (entry->type == TarEntryType::kFile && !entry->is_sparse && entry->offset <= size &&
          entry->size <= size - entry->offset)
        entries_.try_emplace(entry->name, FilePlace{archive, entry->offset, entry->size});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kParse || entries_.empty()) throw;
  }
}

bool EarlierLayers::is_archive() const {
  const auto blob = entries_.lower_bound("blobs/");
  return entries_.empty() || entries_.contains(kManifestJson) ||
         (blob != entries_.end() && blob->first.starts_with("blobs/"));
}

std::unique_ptr<Source> EarlierLayers::open(const oci::Descriptor& layer) const {
  for (const std::string& name : {layer_entry_name(layer.digest), blob_path(layer.digest)}) {
    const auto found = entries_.find(name);
    if (found != entries_.end() && found->second.size == layer.size)
      return std::make_unique<oci::VerifyingSource>(found->second.open(), layer);
  }
  return nullptr;
}

}  // namespace tote::archive
