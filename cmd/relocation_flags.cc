#include "cmd/relocation_flags.h"

#include "base/error.h"
#include "oci/digest.h"

namespace tote::cmd {

void RelocationFlags::add_to(FlagSet& flags) {
  const std::vector<std::string> files = {"to-tar", "to-layout"};
  const std::string complaint = "Images get names of their own only in registries";
  const std::string rewritten = "the names of images belong to the digests that they had";
  flags
      .add_string("to-prefix", 0, prefix,
                  "Give each image a name of its own too, below this host and path: "
                  "PREFIX/REGISTRY/REPOSITORY:TAG of the name that it had, by mounting")
      .own()
      .excludes({"to-template"})
      .excludes(files, complaint)
      .excludes({"rewrite-index"}, {}, rewritten);
  flags.add_bool("strip-registry", 0, strip_registry, "Leave the registry out of these names")
      .own()
      .needs({"to-prefix"});
  flags
      .add_string("to-template", 0, name_template,
                  "Give each image this name too, with the fields {{.Registry}}, {{.Repository}}, "
                  "{{.Last}}, {{.Tag}} and {{.Digest12}} of the name that it had")
      .own()
      .needs({"to-repo"})
      .excludes({"rewrite-index"}, {}, rewritten);
}

std::shared_ptr<const bundle::RelocatedName> RelocationFlags::name() const {
  using bundle::RelocatedName;
  if (!prefix.empty())
    return std::make_shared<const RelocatedName>(RelocatedName::under(prefix, strip_registry));
  if (!name_template.empty())
    return std::make_shared<const RelocatedName>(RelocatedName::from_template(name_template));
  return nullptr;
}

std::string RelocationFlags::repository_of(const bundle::TransferSource& source) const {
  const auto root = bundle::repository_of(source);
  if (!root)
    throw Error(ErrorKind::kUsage, "Expected --to-repo beside --to-prefix")
        .with_hint(
            "only for one bundle or image of a registry the prefix says where it goes itself");
  return name()->of({*root, "latest"}, oci::Digest::of("")).repository.name();
}

}  // namespace tote::cmd
