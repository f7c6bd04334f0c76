#include "bundle/push_index.h"

#include "archive/choose_image.h"
#include "archive/repository_in_archive.h"
#include "base/error.h"
#include "bundle/image_index.h"
#include "bundle/place.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace tote::bundle {
namespace {

class IndexPush {
 public:
  IndexPush(const PushIndexRequest& request, const Session& session)
      : request_(request),
        session_(session),
        layout_(request.target.layout.empty() ? nullptr
                                              : std::make_unique<const archive::ArchiveReader>(
                                                    request.target.layout, session.reading)),
        cache_([this](const oci::Repository& repository) -> oci::ImageReader& {
          if (in_layout_) return in_layout_->repository(repository);
          return request_.target.client->repository(repository);
        }) {
    if (!layout_) return;
    in_layout_.emplace(*layout_);
    cache_.add(layout_->contents());
  }

  oci::Digest run() {
    std::vector<IndexPart> parts;
    for (const std::string& name : request_.images)
      parts.push_back(while_doing([&] { return fmt::format("Looking for '{}'", name); },
                                  [&] { return find(name); }));
    BuiltIndex index = build_index(parts, cache_, session_.stop);
    copy::Plan plan =
        copy::plan_copy(std::move(index.images), cache_, {}, session_.pool, session_.stop);
    const oci::Reference& name = request_.target.name;
    plan.contents.images = {{name.repository, index.manifest->descriptor(), name.tag, {}, {}}};
    plan.contents.manifests.add(index.manifest);
    deliver({.contents = std::move(plan.contents),
             .from = cache_.places(),
             .observer = request_.observer},
            request_.target, session_);
    return index.manifest->digest();
  }

 private:
  IndexPart find(const std::string& name) {
    if (layout_) {
      const oci::CarriedImage& image = archive::choose_image(*layout_, without_oci(name));
      return {name, image.repository, layout_->contents().find_manifest(image.target.digest)};
    }
    const oci::Reference reference = parse_reference(name);
    return {name, reference.repository,
            cache_.manifest(reference.repository, reference.identifier(), session_.stop)};
  }

  const PushIndexRequest& request_;
  const Session& session_;
  std::unique_ptr<const archive::ArchiveReader> layout_;
  std::optional<archive::RepositoriesInArchive> in_layout_;
  copy::ManifestCache cache_;
};

}  // namespace

oci::Digest push_index(const PushIndexRequest& request, const Session& session) {
  return IndexPush(request, session).run();
}

}  // namespace tote::bundle
