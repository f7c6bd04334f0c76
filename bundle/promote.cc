#include "bundle/promote.h"

#include "base/error.h"
#include "bundle/bundle_image.h"

#include <fmt/format.h>

#include <variant>

namespace tote::bundle {
namespace {

// Of what is planned, the one that was asked for.
oci::ManifestPtr root_of(const oci::Contents& contents, const std::string& tag) {
  for (const oci::CarriedImage& image : contents.images)
    if (image.tag == tag) return contents.find_manifest(image.target.digest);
  return nullptr;
}

// Where a promotion is, and what it is of.
struct Watched {
  bool is_planned = false;
  oci::ManifestPtr root = {};
  bool is_bundle = false;

  void see(const Event& event, const std::string& tag) {
    const auto* planned = std::get_if<CopyPlanned>(&event);
    if (planned == nullptr) return;
    is_planned = true;
    root = root_of(planned->plan.contents, tag);
    is_bundle = root != nullptr && bundle::is_bundle(*root, planned->plan.contents);
  }
};

}  // namespace

Promoted promote(const Promotion& promotion, registry::Client& client, const Session& session) {
  const oci::Reference& target = promotion.target;
  Watched watched;
  TransferOptions options = promotion.options;
  options.observer = [&watched, &target, &inner = promotion.options.observer](const Event& event) {
    watched.see(event, target.tag);
    tell(inner, event);
  };
  const auto what = [&] {
    return watched.is_planned
               ? fmt::format("failed to push image to \"{}\"", target.name())
               : fmt::format("failed to get source artifact \"{}\"", promotion.source.name());
  };
  const auto copy = [&] {
    transfer(FromImage{promotion.source, true}, RepositoryTarget{target.repository, target.tag},
             options, client, session);
  };
  watched.is_planned = options.max_size == SizeLimit(0);
  while_doing(what, [&] {
    check_that_allowed(options.max_size, promotion.source.repository, &target.repository);
    watched.is_planned = false;
    copy();
  });
  return {watched.root->digest(), watched.root->is_index(),
          watched.is_bundle && promotion.source.repository != target.repository};
}

}  // namespace tote::bundle
