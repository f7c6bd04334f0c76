#include "cmd/named_image.h"

#include "base/error.h"
#include "bundle/place.h"
#include "cmd/archive_flags.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace tote::cmd {

oci::Reference parse_image_argument(const std::string& text) {
  // No file is meant, so none is in the way.
  const bundle::Place place =
      bundle::parse_place(text, [](const std::filesystem::path&) { return false; });
  const auto* image = std::get_if<bundle::RegistryPlace>(&place);
  if (image == nullptr)
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is no image in a registry", text))
        .with_hint("tote copy carries images from archives and layouts to a registry");
  if (!image->sub_path.empty())
    throw Error(ErrorKind::kUsage,
                fmt::format("'{}' names something in an image, not an image", text));
  return image->reference();
}

NamedImage::NamedImage(const std::string& argument, const RegistryFlags& flags,
                       const CommandContext& context)
    : NamedImage(parse_image_argument(argument), flags, context) {}

NamedImage::NamedImage(oci::Reference reference, const RegistryFlags& flags,
                       const CommandContext& context)
    : context_(context),
      reference_(std::move(reference)),
      client_(flags.make_client(context, ConcurrencyFlag{}.of(context.ui.is_imgpkg()))),
      cache_([this](const oci::Repository& name) -> oci::ImageReader& {
        return client_->repository(name);
      }),
      pool_(make_pool(ConcurrencyFlag{}.of(context.ui.is_imgpkg()), *client_)) {}

bundle::Session NamedImage::session() {
  return {.pool = pool_, .stop = context_.stop, .reading = read_options(context_)};
}

}  // namespace tote::cmd
