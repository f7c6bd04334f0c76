#include "cmd/copy_recording.h"

#include "base/error.h"
#include "base/task_group.h"
#include "base/temporary_file.h"
#include "cmd/archive_flags.h"
#include "cmd/copy_target.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <variant>

namespace tote::cmd {
namespace {

[[noreturn]] void refuse(std::string text) {
  throw Error(ErrorKind::kUsage, std::move(text)).with_hint("--record=FILE writes it to a file");
}

std::string now_as_text() {
  using std::chrono::system_clock;
  return fmt::format("{:%FT%TZ}", fmt::gmtime(system_clock::to_time_t(system_clock::now())));
}

}  // namespace

CopyRecording::CopyRecording(const CopyOptions& options) : options_(options) {
  if (!options.record) return;
  if (options.record_file.size() > 1) refuse("Expected one file for --record");
  if (options.record_file.empty() && options.to_repos.empty())
    refuse("A record is attached only to what is copied to a repository");
}

void CopyRecording::add(const bundle::Event& event) {
  if (!options_.record) return;
  if (const auto* planned = std::get_if<bundle::ImagePlanned>(&event))
    images_.push_back(planned->image);
}

void CopyRecording::finish(const bundle::TransferResult& result, registry::Client& client,
                           const CommandContext& context) {
  if (!options_.record_file.empty())
    return replace_file(options_.record_file.front(), record_of(images_).encode(), 0644);
  if (const auto* bundle = std::get_if<bundle::BundleLock>(&result))
    return attach(bundle->bundle, true, client, context);
  const auto* lock = std::get_if<bundle::ImagesLock>(&result);
  if (lock == nullptr) refuse("It is not known to which bundle the record belongs");
  for (const bundle::LockedImage& image : lock->images)
    attach(image.reference, false, client, context);
}

bundle::CopyRecord CopyRecording::record_of(const std::vector<oci::CarriedImage>& images) const {
  bundle::CopyRecord record{"tote " TOTE_VERSION, now_as_text(), {}, {}};
  std::optional<oci::Repository> repository;
  if (options_.to_repos.empty()) {
    const std::filesystem::path file =
        options_.to_tar.empty() ? options_.to_layout : options_.to_tar;
    record.to = file.filename().string();
  } else {
    repository = parse_destination(options_.to_repo(), false).name;
    record.to = repository->name();
  }
  for (const oci::CarriedImage& image : images)
    record.images.push_back(
        {image.reference(),
         repository ? oci::digest_reference(*repository, image.target.digest) : std::string(),
         image.tag});
  return record;
}

// To a bundle what came with it, to an image itself alone.
void CopyRecording::attach(const oci::Reference& root, bool is_bundle, registry::Client& client,
                           const CommandContext& context) {
  std::vector<oci::CarriedImage> images;
  const oci::CarriedImage* subject = nullptr;
  for (const oci::CarriedImage& image : images_) {
    const bool is_root = image.target.digest == *root.digest;
    if (is_root) subject = &image;
    if (is_root || is_bundle) images.push_back(image);
  }
  if (subject == nullptr)
    throw Error(ErrorKind::kInternal, fmt::format("'{}' was not planned", root.name()));
  ThreadPool pool = make_pool(options_.concurrency.of(context.ui.is_imgpkg()), client);
  bundle::attach_record(record_of(images), subject->target, client.repository(root.repository),
                        {pool, context.stop, read_options(context)});
}

}  // namespace tote::cmd
