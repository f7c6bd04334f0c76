// TOML, and registries.conf in it: what is read says where images are.
#include "base/toml_reader.h"
#include "registry/registries_conf.h"
#include "tests/fuzz/fuzz.h"

namespace {

void visit(const tote::Toml& value) {
  using tote::Toml;
  if (value.kind() == Toml::Kind::kTable)
    for (const auto& [key, member] : value.members()) visit(member);
  if (value.kind() == Toml::Kind::kList)
    for (const Toml& item : value.items()) visit(item);
  tote::fuzz::require(!value.where().empty(), "every value is somewhere");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string_view text = fuzz::as_view(data, size);
  fuzz::allow_errors([&] { visit(Toml::parse(text, "f")); });
  fuzz::allow_errors([&] {
    auto conf = registry::RegistriesConf::parse(text, "f");
    conf.add(registry::RegistriesConf(conf));
    for (const char* name : {"h.example/a/b", "a.b.example:5000/c", "ubuntu"})
      fuzz::allow_errors([&] {
        const auto places = conf.places_of(oci::Repository::parse(name));
        fuzz::require(!places.empty() && !places.back().is_mirror, "the last is no mirror");
      });
  });
  return 0;
}
