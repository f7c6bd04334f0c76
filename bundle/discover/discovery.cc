#include "bundle/discover/discovery.h"

namespace tote::bundle::discover {

std::string_view name_of(SecretForm form) noexcept {
  switch (form) {
    case SecretForm::kListOfMaps:
      return "list-map";
    case SecretForm::kListOfTexts:
      return "list-string";
    case SecretForm::kEnabledName:
      return "enabled-name";
    case SecretForm::kText:
      return "scalar";
  }
  return "";
}

}  // namespace tote::bundle::discover
