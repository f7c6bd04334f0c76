// The annotation in which kbld says what the references that it has put in were before.
#pragma once

#include "base/yaml_reader.h"

#include <map>
#include <string>

namespace tote::bundle::discover {

// Of a Kubernetes object, from references with digests to what they were: "nginx:1.14". kbld takes
// the annotation for information only, so what can not be read is passed over.
std::map<std::string, std::string> kbld_origins(const Yaml& document);

}  // namespace tote::bundle::discover
