// Where registries.conf is found.
#pragma once

#include "base/environment.h"
#include "registry/registries_conf.h"

#include <string>

namespace tote::cmd {

// `given`: a file; "none": nothing is read; "": $CONTAINERS_REGISTRIES_CONF, else
// $HOME/.config/containers/registries.conf, else /etc/containers/registries.conf, and above it the
// drop-ins, *.conf by name in /etc/containers/registries.conf.d and then in that directory of the
// user. Error{kIo} for files that others can change (base/trusted_file.h) or that were named and
// are not there, Error{kParse}.
registry::RegistriesConf find_registries_conf(const std::string& given,
                                              const Environment& environment);

}  // namespace tote::cmd
