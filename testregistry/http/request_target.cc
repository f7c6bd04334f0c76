#include "testregistry/http/request_target.h"

#include <boost/url.hpp>

namespace tote::testregistry {

bool parse_target(std::string_view target, RequestHead& head) {
  const boost::urls::string_view text(target.data(), target.size());
  auto parsed = boost::urls::parse_origin_form(text);
  if (!parsed) parsed = boost::urls::parse_absolute_uri(text);
  if (!parsed) return false;
  head.path = parsed->path();
  for (const auto& parameter : parsed->params())
    head.query.emplace_back(parameter.key, parameter.value);
  return true;
}

}  // namespace tote::testregistry
