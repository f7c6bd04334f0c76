#include "cmd/archive_tags.h"

#include "archive/archive_reader.h"
#include "archive/choose_image.h"
#include "archive/oci_layout.h"
#include "cmd/archive_flags.h"
#include "oci/image_graph.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::cmd {
namespace {

std::string name_of(const oci::CarriedImage& image, const oci::Repository& nowhere) {
  if (image.repository == nowhere) return image.tag;
  return fmt::format("{}:{}", image.repository.name(), image.tag);
}

std::uint64_t size_of(const oci::Contents& contents, const oci::CarriedImage& image) {
  const oci::Contents part = oci::part_of(contents, {image});
  std::uint64_t size = archive::metadata_size(part);
  for (const oci::CarriedLayer& layer : part.layers) size += layer.blob.size;
  return size;
}

}  // namespace

Table tags_of_archive(const std::string& path, bool internal, const CommandContext& context) {
  const archive::ArchiveReader archive(path, read_options(context));
  const oci::Repository nowhere = archive::nowhere_for(path);
  Table table{"Tags", {{"Name"}, {"Digest"}, {"Size"}}, {}};
  for (const oci::CarriedImage& image : archive.contents().images)
    if (!image.tag.empty() && (internal || !image.tag.ends_with(".imgpkg")))
      table.rows.push_back({name_of(image, nowhere), image.target.digest.str(),
                            std::to_string(size_of(archive.contents(), image))});
  std::sort(table.rows.begin(), table.rows.end());
  return table;
}

std::string resolve_in_archive(const std::string& path, const std::string& name,
                               const CommandContext& context) {
  const archive::ArchiveReader archive(path, read_options(context));
  return archive::choose_image(archive, name).target.digest.str();
}

}  // namespace tote::cmd
