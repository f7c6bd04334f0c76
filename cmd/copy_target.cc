#include "cmd/copy_target.h"

#include "base/error.h"
#include "bundle/place.h"

#include <fmt/format.h>

namespace tote::cmd {
namespace {

// Whether it is a repository with a tag or a digest.
bool is_reference(const std::string& text) {
  try {
    const std::size_t slash = text.rfind('/');
    oci::Reference::parse(text);
    return slash != std::string::npos && text.find_first_of(":@", slash) != std::string::npos;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

bundle::RepositoryTarget parse_destination(const std::string& written, bool is_imgpkg) {
  const std::string text = bundle::without_oci(written);
  if (!is_imgpkg && is_reference(text) && text.find('@') == std::string::npos) {
    oci::Reference reference = oci::Reference::parse_tag(text);
    return {std::move(reference.repository), std::move(reference.tag)};
  }
  try {
    return {while_doing([] { return "Building import repository ref"; },
                        [&] { return oci::Repository::parse(text); })};
  } catch (Error& error) {
    if (is_reference(text))
      error.with_hint(is_imgpkg
                          ? "--to-repo names a repository: images keep the tags and digests they "
                            "have"
                          : "--to-repo names a repository, and may name a tag: digests are what "
                            "they are");
    if (const std::size_t scheme = text.find("://"); scheme != std::string::npos)
      error.with_hint(fmt::format("leave '{}' away", text.substr(0, scheme + 3)));
    throw;
  }
}

}  // namespace tote::cmd
