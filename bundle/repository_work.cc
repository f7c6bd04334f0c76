#include "bundle/repository_work.h"

#include "base/error.h"
#include "bundle/deliver.h"
#include "bundle/image_names.h"
#include "bundle/image_tags.h"
#include "bundle/locations.h"
#include "copy/execute.h"
#include "copy/survey.h"
#include "oci/attached.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <set>
#include <utility>

namespace tote::bundle {
namespace {

// ---- relocation records ------------------------------------------------------------------------

RecordWork build_record(const BundleRecord& bundle, const RepositoryPlan& plan,
                        const oci::Repository& to) {
  Locations locations;
  std::vector<oci::Digest> images;
  std::set<oci::Digest> known;
  for (const LockedImage& image : bundle.lock.images) {
    if (!known.insert(image.digest()).second) continue;
    images.push_back(image.digest());
    locations.images.push_back({image.reference.name(), plan.is_bundle(image.digest())});
  }
  auto image = build_locations_image(locations);
  Cargo cargo = cargo_of(*image, to, {locations_tag(bundle.bundle), default_tag(image->digest())});
  return {bundle.bundle, std::move(images), std::move(image), std::move(cargo)};
}

bool is_refusal(const Error& error) {
  return error.kind() == ErrorKind::kRegistry || error.is_denied();
}

// In a registry that does not take another record, since it forbids moving tags, an older one
// stays: it says of the same bundle which of its images are bundles.
bool may_stay(const Error& error, const oci::Digest& bundle, registry::RemoteRepository& to,
              const std::stop_token& stop) {
  return is_refusal(error) && to.resolve(locations_tag(bundle), stop).has_value();
}

template <class Step>
void for_record(const oci::Digest& bundle, registry::RemoteRepository& to,
                const std::stop_token& stop, Step step) {
  const auto what = [&] {
    return fmt::format("Creating copy information for bundle {}", bundle.str());
  };
  const auto where = [&] {
    return fmt::format("Pushing locations image to '{}:{}'", to.name().name(),
                       locations_tag(bundle));
  };
  const auto unless_one_stays = [&] {
    try {
      step();
    } catch (const Error& error) {
      if (!may_stay(error, bundle, to, stop)) throw;
    }
  };
  while_doing(what, [&] { while_doing(where, unless_one_stays); });
}

// Bundles that name the same have the same record: its content comes with the first of them.
std::vector<RecordWork> survey_records(const RepositoryPlan& plan, registry::RemoteRepository& to,
                                       const Session& session) {
  std::vector<RecordWork> records;
  std::set<oci::Digest> known;
  for (const BundleRecord& bundle : plan.bundles) {
    RecordWork record = build_record(bundle, plan, to.name());
    const bool is_known = known.contains(record.image->digest());
    if (is_known) record.cargo.contents.images.pop_back();  // the default tag
    for_record(bundle.bundle, to, session.stop, [&] {
      record.work = survey_tagged(record.cargo, to, session);
      known.insert(record.image->digest());
    });
    if (is_known) {
      record.alone = record.work;
      record.work.blobs.clear();
    }
    records.push_back(std::move(record));
  }
  return records;
}

bool is_incomplete(const oci::Digest& image, const Session& session) {
  return session.failures != nullptr && session.failures->is_incomplete(image);
}

// Of a bundle in a bundle in a bundle too, in whatever order they come.
void find_incomplete_bundles(const std::vector<RecordWork>& records, copy::Failures& failures) {
  for (bool is_new = true; std::exchange(is_new, false);)
    for (const RecordWork& record : records)
      if (!failures.is_incomplete(record.bundle) &&
          std::any_of(record.images.begin(), record.images.end(),
                      [&](const auto& image) { return failures.is_incomplete(image); })) {
        failures.add_incomplete(record.bundle);
        is_new = true;
      }
}

void push(const RecordWork& record, const copy::Work& work, registry::RemoteRepository& to,
          const Session& session) {
  for_record(record.bundle, to, session.stop, [&] {
    copy::execute(work, record.cargo.from, to, session.pool, {.retry = to.retry_policy()},
                  session.stop);
  });
}

void push_records(const std::vector<RecordWork>& records, registry::RemoteRepository& to,
                  const Session& session) {
  std::set<oci::Digest> sent;
  for (const RecordWork& record : records) {
    if (is_incomplete(record.bundle, session)) continue;
    const bool is_first = record.alone && !sent.contains(record.image->digest());
    const bool is_sent = copy::keep_going(session.failures, record.bundle, [&] {
      push(record, is_first ? *record.alone : record.work, to, session);
    });
    if (is_sent) sent.insert(record.image->digest());
  }
}

// ---- names of their own ------------------------------------------------------------------------

ImageNames names_of(const BundleRecord& bundle, std::span<const PlacedImage> placed) {
  ImageNames names;
  for (const LockedImage& image : bundle.lock.images) {
    const std::string original = original_name(image).name();
    for (const PlacedImage& one : placed)
      if (one.digest == image.digest() && one.original == original)
        names.images.push_back({image.reference.name(), original, one.name.name()});
  }
  return names;
}

template <class Step>
void for_names(const oci::Digest& bundle, const registry::RemoteRepository& to, Step step) {
  while_doing(
      [&] {
        return fmt::format("Writing down the names of the images of bundle {} to '{}:{}'",
                           bundle.str(), to.name().name(), image_names_tag(bundle));
      },
      step);
}

std::vector<NamesWork> survey_names(const RepositoryPlan& plan, registry::RemoteRepository& to,
                                    const Session& session) {
  std::vector<NamesWork> works;
  for (const BundleRecord& bundle : plan.bundles) {
    auto image = build_image_names(names_of(bundle, plan.placed));
    Cargo cargo = cargo_of(*image, to.name(), {image_names_tag(bundle.bundle)});
    NamesWork& work =
        works.emplace_back(NamesWork{bundle.bundle, std::move(image), std::move(cargo)});
    for_names(bundle.bundle, to, [&] { work.work = survey_tagged(work.cargo, to, session); });
  }
  return works;
}

void push_names(const std::vector<NamesWork>& works, registry::RemoteRepository& to,
                const Session& session) {
  for (const NamesWork& work : works) {
    if (is_incomplete(work.bundle, session)) continue;
    copy::keep_going(session.failures, work.bundle, [&] {
      for_names(work.bundle, to, [&] {
        copy::execute(work.work, work.cargo.from, to, session.pool, {.retry = to.retry_policy()},
                      session.stop);
      });
    });
  }
}

// ---- tags --------------------------------------------------------------------------------------

std::optional<oci::Digest> look_if_allowed(registry::RemoteRepository& to, const std::string& tag,
                                           const std::stop_token& stop) {
  try {
    const auto there = to.resolve(tag, stop);
    return there ? std::optional(there->digest) : std::nullopt;
  } catch (const Error& error) {
    if (!error.is_denied()) throw;
    return std::nullopt;
  }
}

// Setting a tag to what it is would be refused where tags may not move.
std::vector<TagWork> survey_tags(const RepositoryPlan& plan, registry::RemoteRepository& to,
                                 const Session& session) {
  const oci::Contents& contents = plan.cargo.contents;
  std::map<std::string, oci::Digest> given;  // the names that the images will have by then
  for (const oci::CarriedImage& image : contents.images)
    given.insert_or_assign(plan.tag_of(image), image.target.digest);
  std::vector<TagWork> tags;
  std::set<std::string> seen;  // an image of several repositories may have it for each of them
  for (const oci::CarriedImage& image : contents.images)
    if (!image.tag.empty())
      tags.push_back(
          {image, contents.find_manifest(image.target.digest), !seen.insert(image.tag).second});
  TaskGroup group(session.pool, session.stop);
  for (TagWork& tag : tags)
    if (!tag.is_there)
      group.run([&](const std::stop_token& stop) {
        const oci::Digest& wanted = tag.image.target.digest;
        copy::keep_going(session.failures, wanted, [&] {
          const auto known = given.find(tag.image.tag);
          tag.before =
              known != given.end() ? known->second : look_if_allowed(to, tag.image.tag, stop);
          tag.is_there = tag.before == wanted;
        });
      });
  group.wait();
  return tags;
}

// Another copy may have set it meanwhile, and tags may not move there.
void push_tag(const TagWork& tag, registry::RemoteRepository& to, const std::stop_token& stop) {
  try {
    to.push_manifest(*tag.manifest, tag.image.tag, stop);
  } catch (const Error& error) {
    if (!is_refusal(error) || !copy::leads_to(to, tag.image.tag, tag.image.target.digest, stop))
      throw;
  }
}

void set_tag(const TagWork& tag, registry::RemoteRepository& to, const Session& session) {
  if (tag.is_there) return;
  while_doing([&] { return fmt::format("Tagging image {}", tag.image.target.digest.str()); },
              [&] { push_tag(tag, to, session.stop); });
}

// With which cosign's tags of what did not arrive begin.
std::set<std::string, std::less<>> incomplete_subjects(const Session& session) {
  std::set<std::string, std::less<>> subjects;
  if (session.failures != nullptr)
    for (const oci::Digest& digest : session.failures->incomplete())
      subjects.insert(oci::digest_tag(digest));
  return subjects;
}

void set_tags(const std::vector<TagWork>& tags, const Observer& observer,
              registry::RemoteRepository& to, const Session& session) {
  tell(observer, TaggingBegun{});
  const auto lost = incomplete_subjects(session);
  while_doing([] { return "Tagging images"; },
              [&] {
                for (const TagWork& tag : tags) {
                  if (is_incomplete(tag.image.target.digest, session)) continue;
                  if (lost.contains(oci::subject_tag_of(tag.image.tag))) continue;
                  copy::keep_going(session.failures, tag.image.target.digest, [&] {
                    set_tag(tag, to, session);
                    tell(observer, Tagged{to.name(), tag.image});
                  });
                }
              });
}

}  // namespace

RepositoryWork survey_repository(const RepositoryPlan& plan, registry::RemoteRepository& to,
                                 const Session& session) {
  RepositoryWork work;
  TaskGroup group(session.pool, session.stop);
  group.run([&](const std::stop_token&) { work.records = survey_records(plan, to, session); });
  group.run([&](const std::stop_token&) { work.tags = survey_tags(plan, to, session); });
  if (plan.survey_places)
    group.run([&](const std::stop_token&) { work.places = plan.survey_places(); });
  if (!plan.placed.empty())
    group.run([&](const std::stop_token&) { work.names = survey_names(plan, to, session); });
  work.images = copy::survey(plan.cargo.contents, to,
                             {.name_of = plan.tag_of,
                              .may_mount = plan.cargo.may_mount,
                              .failures = session.failures,
                              .asks_for_all = plan.asks_for_all},
                             session.pool, session.stop);
  group.wait();
  return work;
}

void execute(const RepositoryWork& work, const Cargo& cargo, registry::RemoteRepository& to,
             const Session& session) {
  copy::execute(work.images, cargo.from, to, session.pool,
                {.observer = part_of(cargo.observer),
                 .retry = to.retry_policy(),
                 .failures = session.failures,
                 .streams = session.streams},
                session.stop);
  if (session.failures != nullptr) find_incomplete_bundles(work.records, *session.failures);
  push_records(work.records, to, session);
  execute(work.places, cargo, session);
  push_names(work.names, to, session);
  if (session.failures != nullptr) find_incomplete_bundles(work.records, *session.failures);
  set_tags(work.tags, cargo.observer, to, session);
}

}  // namespace tote::bundle
