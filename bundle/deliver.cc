#include "bundle/deliver.h"

#include "base/error.h"
#include "bundle/image_tags.h"
#include "bundle/write_layout.h"
#include "copy/execute.h"
#include "copy/survey.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

void push(const Cargo& cargo, const oci::Reference& name, registry::RemoteRepository& to,
          const Session& session) {
  while_doing([&] { return fmt::format("Writing '{}'", name.name()); },
              [&] {
                while_doing([] { return "Writing image"; },
                            [&] {
                              copy::execute(
                                  survey_tagged(cargo, to, session), cargo.from, to, session.pool,
                                  {.observer = part_of(cargo.observer), .retry = to.retry_policy()},
                                  session.stop);
                            });
              });
  const oci::ManifestPtr root =
      cargo.contents.find_manifest(cargo.contents.images.front().target.digest);
  const std::string tag = default_tag(root->digest());
  while_doing([&] { return fmt::format("Writing Tag '{}:{}'", name.repository.name(), tag); },
              [&] {
                while_doing([] { return "Tagging image"; },
                            [&] { to.set_tag(*root, tag, session.stop); });
              });
}

}  // namespace

Cargo cargo_of(oci::Artifact& image, const oci::Repository& repository,
               const std::vector<std::string>& tags) {
  return {.contents = image.contents(repository, tags),
          .from = [&image](const oci::Repository&) -> oci::ImageReader& { return image; },
          .may_mount = [](const oci::Descriptor&) { return false; }};
}

copy::Work survey_tagged(const Cargo& cargo, registry::RemoteRepository& to,
                         const Session& session) {
  return copy::survey(cargo.contents, to,
                      {.name_of = [](const oci::CarriedImage& image) { return image.tag; },
                       .may_mount = cargo.may_mount},
                      session.pool, session.stop);
}

void deliver(const Cargo& cargo, const PushTarget& target, const Session& session) {
  if (!target.layout.empty()) return write_layout(cargo, target.layout, session);
  push(cargo, target.name, target.client->repository(target.name.repository), session);
}

}  // namespace tote::bundle
