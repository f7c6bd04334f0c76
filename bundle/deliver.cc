#include "bundle/deliver.h"

#include "archive/archive_layout.h"
#include "archive/layout_writer.h"
#include "base/error.h"
#include "bundle/image_tags.h"
#include "copy/execute.h"
#include "copy/survey.h"

#include <fmt/format.h>

namespace tote::bundle {
namespace {

void write_layout(const PushLoad& load, const std::filesystem::path& directory, ThreadPool& pool,
                  std::stop_token stop) {
  archive::check_readable(load.plan.contents);
  archive::LayoutWriter writer(directory);
  const copy::Work work = copy::survey(load.plan.contents, writer, pool, stop);
  copy::execute(work, load.from, writer, pool, {}, std::move(stop));
  writer.finish(load.plan.contents);
}

void push(const PushLoad& load, const oci::Reference& name, registry::RemoteRepository& remote,
          ThreadPool& pool, const std::stop_token& stop) {
  while_doing([&] { return fmt::format("Writing '{}'", name.name()); },
              [&] {
                while_doing([] { return "Writing image"; },
                            [&] { write_image(load, remote, pool, stop); });
              });
  const std::string tag = default_tag(load.root->digest());
  while_doing([&] { return fmt::format("Writing Tag '{}:{}'", name.repository.name(), tag); },
              [&] {
                while_doing([] { return "Tagging image"; },
                            [&] { remote.set_tag(*load.root, tag, stop); });
              });
}

}  // namespace

void write_image(const PushLoad& load, registry::RemoteRepository& remote, ThreadPool& pool,
                 std::stop_token stop) {
  const copy::Work work =
      copy::survey(load.plan.contents, remote,
                   {.name_of = [](const oci::CarriedImage& carried) { return carried.tag; },
                    .may_mount = load.may_mount},
                   pool, stop);
  copy::execute(work, load.from, remote, pool, {.retry = remote.retry_policy()}, std::move(stop));
}

void deliver(const PushLoad& load, const PushTarget& target, ThreadPool& pool,
             std::stop_token stop) {
  if (!target.layout.empty()) return write_layout(load, target.layout, pool, std::move(stop));
  push(load, target.name, target.client->repository(target.name.repository), pool, stop);
}

}  // namespace tote::bundle
