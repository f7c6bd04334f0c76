// The flags of `copy`.
#pragma once

#include "archive/archive_layout.h"
#include "bundle/transfer_plan.h"
#include "cmd/attached_flags.h"
#include "cmd/chart_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/cli/flags.h"
#include "cmd/progress/progress_flags.h"
#include "cmd/registry_flags.h"
#include "cmd/relocation_flags.h"
#include "cmd/split_flags.h"
#include "cmd/verify_flags.h"
#include "oci/platform_choice.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tote::cmd {

// What a user may ask of `copy`. Does not move once its flags are added.
struct CopyOptions {
  std::string bundle;
  std::string image;
  bool source_may_be_bundle = false;  // what `image` names, since nobody has said
  ChartFlags chart;
  std::string lock;
  std::vector<std::string> tars;
  std::string layout;
  std::vector<std::string> to_repos;  // under imgpkg's name the last one counts
  std::string to_tar;
  std::string tar_format = "imgpkg";
  std::string tar_compress;  // empty: by the name of the file
  archive::SplitOptions split;
  std::string to_layout;
  std::string lock_output;
  ConcurrencyFlag concurrency;
  bool include_non_distributable = false;
  bool repository_based_tags = false;
  AttachedFlags attached;
  bool resume = false;
  RelocationFlags relocation;
  VerifyFlags verify;
  oci::PlatformChoice platforms;
  bool rewrite_index = false;
  bool no_overwrite_tags = false;
  bundle::SizeLimit max_size;  // unset: any
  bool dry_run = false;
  std::string plan_out;
  std::string plan;
  std::optional<bundle::TransferPlan> planned;  // what --plan holds
  bool checksum = false;
  std::vector<std::string> since;
  bool record = false;
  std::vector<std::string> record_file;               // at most one; none: it is attached
  std::optional<bundle::TransferSource> found_chart;  // of `chart`
  bool fetch_missing = false;
  bool keep_going = false;
  ProgressFlags progress;
  RegistryFlags registry;

  // Of --tar, which imgpkg takes once, or --layout.
  std::vector<std::filesystem::path> archives(bool is_imgpkg) const;

  bool has_several_targets(bool is_imgpkg) const { return to_repos.size() > 1 && !is_imgpkg; }
  // Empty: there is none.
  std::string to_repo() const { return to_repos.empty() ? "" : to_repos.back(); }

  // --to-prefix says where all of it goes too.
  bool goes_by_prefix_alone() const {
    return !relocation.prefix.empty() && to_repos.empty() && to_tar.empty() && to_layout.empty();
  }

  // `flags` must not outlive this.
  void add_to(FlagSet& flags);

 private:
  Flag& add_archives(FlagSet& flags, const char* name, const char* help);
  void add_sources(FlagSet& flags);
  void add_targets(FlagSet& flags);
  void add_choices(FlagSet& flags);
  void add_plan(FlagSet& flags);
  bool names_archive_and_image() const;
};

}  // namespace tote::cmd
