#include "bundle/rebuilt_layers.h"

#include "base/codec/patch.h"
#include "base/error.h"
#include "base/mapping.h"
#include "base/temporary_file.h"
#include "bundle/cargo.h"
#include "bundle/layer_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::bundle {

const archive::RebuiltLayer* RebuiltLayers::find(const oci::Digest& layer) const {
  const auto found = std::find_if(recipes_.begin(), recipes_.end(),
                                  [&](const auto& one) { return one.layer.digest == layer; });
  return found == recipes_.end() ? nullptr : &*found;
}

bool RebuiltLayers::is_there(const oci::Descriptor& blob, const std::stop_token& stop) const {
  return archive_.has_blob(blob.digest) || (base_ != nullptr && base_->has_blob(blob, stop));
}

bool RebuiltLayers::may_be_read(const archive::RebuiltLayer& recipe,
                                const std::stop_token& stop) const {
  return if_there_ == IfThere::kRead && is_there(recipe.layer, stop);
}

std::unique_ptr<Source> RebuiltLayers::open_base(const oci::Descriptor& blob, std::uint64_t offset,
                                                 const std::stop_token& stop) const {
  if (archive_.has_blob(blob.digest)) return archive_.open_blob(blob, offset);
  return base_->open_blob(blob, offset, stop);
}

void RebuiltLayers::add_lacking(const archive::RebuiltLayer& recipe, const std::stop_token& stop,
                                std::set<oci::Digest>& lacking) const {
  if (may_be_read(recipe, stop)) return;
  for (const oci::Descriptor& base : recipe.base)
    if (!lacking.contains(base.digest) && !is_there(base, stop)) lacking.insert(base.digest);
}

std::set<oci::Digest> RebuiltLayers::lacking(const std::stop_token& stop) const {
  std::set<oci::Digest> lacking;
  for (const archive::RebuiltLayer& recipe : recipes_) add_lacking(recipe, stop, lacking);
  return lacking;
}

bool RebuiltLayers::can_make(const oci::Digest& layer, const std::stop_token& stop) const {
  const archive::RebuiltLayer* recipe = find(layer);
  std::set<oci::Digest> lacking;
  if (recipe != nullptr) add_lacking(*recipe, stop, lacking);
  return recipe != nullptr && lacking.empty();
}

std::unique_ptr<Source> RebuiltLayers::open(const oci::Descriptor& layer, std::uint64_t offset,
                                            const std::stop_token& stop) const {
  const archive::RebuiltLayer& recipe = *find(layer.digest);
  if (may_be_read(recipe, stop)) return open_base(recipe.layer, offset, stop);
  const FilePtr made =
      while_doing([&] { return fmt::format("Making layer {} again", layer.digest.str()); },
                  [&] { return make(recipe, stop); });
  return std::make_unique<RangeSource>(made, offset, recipe.layer.size - offset);
}

FilePtr RebuiltLayers::make(const archive::RebuiltLayer& recipe,
                            const std::stop_token& stop) const {
  const FilePtr content = open_unnamed_file(temporary_);
  {
    const Mapping base(unpack_base(recipe, stop));
    const Mapping patch(copy_of(recipe.patch, stop));
    if (const auto size = patched_size(patch.bytes()); size != recipe.content)
      throw Error(ErrorKind::kParse, fmt::format("its patch makes {} bytes, not {}",
                                                 size.value_or(0), recipe.content));
    Mapping made(content, recipe.content);
    apply_patch(base.bytes(), patch.bytes(), made.to_write());
  }
  FilePtr layer = open_unnamed_file(temporary_);
  pack_layer(content, recipe.layer, *layer, stop);
  return layer;
}

FilePtr RebuiltLayers::unpack_base(const archive::RebuiltLayer& recipe,
                                   const std::stop_token& stop) const {
  FilePtr file = open_unnamed_file(temporary_);
  std::uint64_t size = 0;
  for (const oci::Descriptor& base : recipe.base) {
    if (!is_there(base, stop)) throw_lacks_base({base.digest});
    while_doing([&] { return fmt::format("Unpacking layer {}", base.digest.str()); },
                [&] {
                  const auto layer = open_base(base, 0, stop);
                  size += unpack_layer(*layer, *file, size, recipe.base_content - size, stop);
                });
  }
  if (size != recipe.base_content)
    throw Error(ErrorKind::kParse,
                fmt::format("what it is made of has {} bytes, not {}", size, recipe.base_content));
  return file;
}

FilePtr RebuiltLayers::copy_of(const oci::Descriptor& patch, const std::stop_token& stop) const {
  FilePtr file = open_unnamed_file(temporary_);
  const auto source = archive_.open_blob(patch);
  for_each_piece(*source, stop, [&](ConstBytes piece) { file->write(piece); });
  return file;
}

}  // namespace tote::bundle
