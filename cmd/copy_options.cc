#include "cmd/copy_options.h"

#include "cmd/copy_plan.h"
#include "cmd/platform_flags.h"
#include "cmd/size_limit_flag.h"

namespace tote::cmd {

bool CopyOptions::names_archive_and_image() const {
  const bool has_archive = !tars.empty() || !layout.empty();
  return has_archive && (!bundle.empty() || !image.empty() || chart.is_given());
}

// For imgpkg a string, of which the last one counts, and an empty one is none.
Flag& CopyOptions::add_archives(FlagSet& flags, const char* name, const char* help) {
  Flag& flag = flags.add_array(name, 0, tars, help).dash_is_a_stream();
  flag.type = "string";
  flag.is_path = true;
  flag.set = [this](const std::string& path) {
    if (path.empty()) return tars.clear();
    tars.push_back(path);
  };
  return flag;
}

std::vector<std::filesystem::path> CopyOptions::archives(bool is_imgpkg) const {
  if (tars.empty()) return {layout};
  if (is_imgpkg) return {tars.back()};
  return {tars.begin(), tars.end()};
}

void CopyOptions::add_sources(FlagSet& flags) {
  flags.add_string("bundle", 'b', bundle, "Bundle reference for copying");
  flags.add_string("image", 'i', image, "Image reference for copying");
  chart.add_to(flags);
  flags.add_path("lock", 0, lock, "Path to lock file for copying (BundleLock or ImagesLock)");
  add_archives(flags, "tar", "Path to tar file which contains assets to be copied");
  add_archives(flags, "from-tar",
               "Another name of --tar; of either there may be several, which are one source")
      .own();
  flags
      .add_path("layout", 0, layout,
                "Path to an OCI image layout directory which contains assets to be copied")
      .own();
  flags
      .add_bool("fetch-missing", 0, fetch_missing,
                "Fetch what an archive of --since leaves out and the destination lacks from the "
                "registries that its images came from")
      .own()
      .needs({"tar", "from-tar", "layout"},
             "Flag --fetch-missing can only be used when copying from an archive");
  flags.one_of({"lock", "bundle", "image", "chart", "tar", "layout"},
               "Expected either --lock, --bundle (-b), --image (-i), or --tar as a source", [this] {
                 return names_archive_and_image()
                            ? "an archive is copied whole: leave -b, -i or -c away"
                            : "--layout and --chart (-c) are some too";
               });
}

void CopyOptions::add_targets(FlagSet& flags) {
  Flag& to_repo =
      flags.add_array("to-repo", 0, to_repos,
                      "Location to upload assets; with a tag, which the bundle or image "
                      "gets instead of its own");
  to_repo.type = "string";
  to_repo.is_on = [this] { return !to_repos.empty() || goes_by_prefix_alone(); };
  relocation.add_to(flags);
  flags.add_path("to-tar", 0, to_tar, "Location to write a tar file containing assets")
      .dash_is_a_stream();
  flags
      .add_string(
          "tar-format", 0, tar_format,
          "Format of the tar file: imgpkg, which imgpkg and tools for OCI image layouts "
          "read, oci, for tools that do not follow hard links, or docker, which docker load reads")
      .own();
  flags
      .add_string("tar-compress", 0, tar_compress,
                  "Compress the tar file: zstd, which is read in place, or none; without it a FILE "
                  "whose name ends in .tar.zst is compressed with zstd")
      .own()
      .needs({"to-tar"}, "Flag --tar-compress can only be used when copying to tar");
  add_split_flags(flags, split, "split",
                  "Cut the tar file into volumes of at most this size, like 2GB");
  flags
      .add_path("to-layout", 0, to_layout,
                "Location to write an OCI image layout directory to, or to add to one")
      .own();
  flags.add_bool("resume", 0, resume,
                 "Resume the copy to a tar file: go on with what is on the disk");
  flags
      .add_bool("checksum", 0, checksum,
                "Write FILE.sha256 too, of the tar file or of its volumes, for sha256sum -c")
      .own();
  flags
      .add_array("since", 0, since,
                 "Leave out of the tar file what the far side has: an archive, a layout, a lock, a "
                 "repository, or what inventory wrote (can be specified multiple times)")
      .own()
      .needs({"to-tar"})
      .is_path = true;
  flags
      .add_switch_or_list("record", record, record_file,
                          "Attach to what is copied to a repository a record of what was copied "
                          "from where, as a referrer; with =FILE write it there instead")
      .own()
      .excludes({"rewrite-index"}, {}, "what was written is not what was read");
  flags.add_path("lock-output", 0, lock_output, "Location to output the generated lockfile");
  flags.one_of({"to-repo", "to-tar", "to-layout"}, "Expected either --to-tar or --to-repo",
               [] { return "or --to-layout"; });
}

void CopyOptions::add_choices(FlagSet& flags) {
  flags.add_bool("include-non-distributable-layers", 0, include_non_distributable,
                 "Include non-distributable layers when copying an image/bundle");
  flags.add_bool("repo-based-tags", 0, repository_based_tags,
                 "Allow imgpkg to use repository-based tags for convenience");
  flags
      .add_bool("no-overwrite-tags", 0, no_overwrite_tags,
                "Refuse to move tags that lead elsewhere at the destination")
      .own();
  add_size_limit(flags, max_size,
                 "Refuse to copy more than this from one repository to another, like 2GiB; by what "
                 "manifests say of layers and configs. 0: nothing, -1: anything, the default");
  flags
      .add_bool("keep-going", 0, keep_going,
                "When something fails, copy the rest; what failed is listed at the end, and what "
                "lacks a part gets no tag, or no file its name")
      .own();
  attached.add_to(flags);
  add_platforms(flags, platforms,
                "Of indexes only the images for these platforms, such as linux/amd64,linux/arm64; "
                "digests stay what they are");
  flags
      .add_bool("rewrite-index", 0, rewrite_index,
                "For registries that take no index without all of its images: make another of "
                "those that are carried; --lock-output has its digest. Not for bundles")
      .own()
      .needs({"to-repo"})
      .excludes({"cosign-signatures", "include-referrers"}, {},
                "what is attached to an index is not attached to another");
}

void CopyOptions::add_plan(FlagSet& flags) {
  flags
      .add_bool("dry-run", 0, dry_run,
                "Only say what would be done; with --limit-rate also how long that takes")
      .own();
  flags
      .add_path("plan-out", 0, plan_out,
                "Location to write the plan of a copy to, instead of carrying it out")
      .own();
  flags
      .add_path("plan", 0, plan,
                "Path to a plan, which is carried out if it still holds; it says what is copied")
      .own()
      .stands_for = is_about_the_copy;
}

void CopyOptions::add_to(FlagSet& flags) {
  add_sources(flags);
  add_targets(flags);
  add_choices(flags);
  add_plan(flags);
  concurrency.add_to(flags);
  verify.add_to(flags);
  progress.add_to(flags);
  registry.add_to(flags);
}

}  // namespace tote::cmd
