#include "bundle/attached_tree.h"

#include "base/error.h"
#include "bundle/find_attached.h"
#include "oci/attached.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace tote::bundle {
namespace {

using Ancestors = std::vector<oci::Digest>;

// For one tree.
class Growth {
 public:
  Growth(const oci::Repository& repository, copy::ManifestCache& cache, const Session& session)
      : repository_(repository), cache_(cache), session_(session) {}

  // `above`: the image that it is about comes last.
  // NOLINTNEXTLINE(misc-no-recursion): as deep as attachments may be nested
  std::vector<AttachedNode> below(const Ancestors& above, const std::string& artifact_type) {
    std::vector<AttachedNode> nodes = find(above, artifact_type);
    if ((total_ += nodes.size()) > kMaxAttachments)
      throw Error(ErrorKind::kParse,
                  fmt::format("more than {} things are attached to the image", kMaxAttachments));
    if (!nodes.empty() && above.size() > kMaxAttachedNesting)
      throw Error(ErrorKind::kParse,
                  fmt::format("attachments are nested more than {} deep", kMaxAttachedNesting));
    TaskGroup group(session_.pool, session_.stop);
    for (AttachedNode& node : nodes)
      group.run([&](const std::stop_token&) {
        Ancestors path = above;
        path.push_back(node.manifest->digest());
        node.attached = below(path, {});
      });
    group.wait();
    return nodes;
  }

 private:
  std::vector<AttachedNode> find(const Ancestors& above, const std::string& artifact_type) const {
    const oci::Digest& image = above.back();
    std::vector<AttachedNode> nodes;
    const auto add = [&](const oci::ManifestPtr& manifest, const std::string& tag) {
      // Anybody may set a tag so that it leads in a circle; what has a subject can not.
      if (std::find(above.begin(), above.end(), manifest->digest()) != above.end()) return;
      std::string type = oci::describe_attachment(*manifest, image, tag).type;
      if (artifact_type.empty() || type == artifact_type)
        nodes.push_back({manifest, std::move(type), tag});
    };
    for (const oci::ManifestPtr& manifest :
         find_referrers(repository_, image, artifact_type, cache_, session_.stop))
      add(manifest, {});
    for (const std::string_view suffix : oci::kAttachmentSuffixes)
      if (const auto found = find_by_tag(repository_, image, suffix, cache_, session_.stop);
          found.manifest != nullptr)
        add(found.manifest, oci::attachment_tag(image, suffix));
    return nodes;
  }

  const oci::Repository& repository_;
  copy::ManifestCache& cache_;
  const Session& session_;
  std::atomic<std::size_t> total_ = 0;
};

}  // namespace

std::vector<AttachedNode> find_attached_tree(const oci::Repository& repository,
                                             const oci::Digest& image,
                                             const std::string& artifact_type,
                                             copy::ManifestCache& cache, const Session& session) {
  return Growth(repository, cache, session).below({image}, artifact_type);
}

}  // namespace tote::bundle
