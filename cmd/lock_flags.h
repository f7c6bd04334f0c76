// Looking for images and locking them, as `lock` and `package` do it.
#pragma once

#include "bundle/image_search.h"
#include "bundle/lock_images.h"
#include "cmd/cli/command.h"
#include "cmd/image_inputs.h"
#include "registry/client.h"

#include <filesystem>
#include <map>
#include <string>

namespace tote::cmd {

struct LockFlags {
  ImageInputs inputs = {};
  std::string report = {};
  bundle::discover::Policy policy = {};
  bundle::LockOptions lock = {};
  bool with_chart = false;
  std::map<std::string, std::string> redacted = {};  // hosts, and what they are called instead

  // `flags` must not outlive this.
  void add_to(FlagSet& flags);

  // As text, or as JSON if the file is called so; nothing if there is no file.
  void write_report(bundle::discover::Report items) const;
};

// What was found with what it is locked to, and everything that there is to say about it.
struct LockedSearch {
  bundle::SearchResult found;
  bundle::ImagesLock lock;
};

// `before`: of the same images, from another time. The report is written, whether it succeeds or
// not; warnings are shown.
LockedSearch search_and_lock(const LockFlags& flags, const bundle::ImageSearch& search,
                             bundle::ImagesLock before, registry::Client& client, ThreadPool& pool,
                             CommandContext& context);

// Warnings and errors, a line each.
void say_what_is_wrong(const bundle::discover::Report& report, Ui& ui);

// images.yml, and of charts chart.yml and bundle.yml, into a directory that there is.
void write_bundle_files(const std::filesystem::path& directory, const LockedSearch& locked);

}  // namespace tote::cmd
