#include "cmd/archive_flags.h"

namespace tote::cmd {

void ArchiveFlags::add_to(FlagSet& flags) {
  flags
      .add_path("tar", 0, tar,
                "Path to a tar file or an OCI image layout to read, instead of a registry")
      .own()
      .dash_is_a_stream();
  flags.add_path("layout", 0, layout, "Another name of --tar, for directories")
      .own()
      .excludes({"tar"});
}

archive::ReadOptions read_options(const CommandContext& context) {
  return {[&ui = context.ui](const std::string& line) { ui.notice(line); }, context.temporary,
          !context.ui.is_imgpkg(), context.stop};
}

archive::Compression compression_of(const std::string& file) {
  return file.ends_with(".tar.zst") ? archive::Compression::kZstd : archive::Compression::kNone;
}

}  // namespace tote::cmd
