// Sprig's and Helm's functions that are not written yet. Templates that name them are parsed, since
// charts often do so in a branch that nobody takes; a call is an error.
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <array>
#include <string>
#include <string_view>

namespace tote::go_template {
namespace {

constexpr auto kAbsent = std::to_array<std::string_view>({"ago",
                                                          "date",
                                                          "date_in_zone",
                                                          "date_modify",
                                                          "dateInZone",
                                                          "dateModify",
                                                          "duration",
                                                          "durationRound",
                                                          "htmlDate",
                                                          "htmlDateInZone",
                                                          "must_date_modify",
                                                          "mustDateModify",
                                                          "mustToDate",
                                                          "now",
                                                          "toDate",
                                                          "unixEpoch",
                                                          "bcrypt",
                                                          "htpasswd",
                                                          "genPrivateKey",
                                                          "derivePassword",
                                                          "buildCustomCert",
                                                          "genCA",
                                                          "genCAWithKey",
                                                          "genSelfSignedCert",
                                                          "genSelfSignedCertWithKey",
                                                          "genSignedCert",
                                                          "genSignedCertWithKey",
                                                          "encryptAES",
                                                          "decryptAES",
                                                          "urlParse",
                                                          "urlJoin",
                                                          "toToml"});

}  // namespace

void add_absent_functions(FunctionMap& all) {
  const FunctionPtr absent = make_function(
      [](const Rest<Value>&) -> Value { fail_call("tote does not have this function yet"); });
  for (const std::string_view name : kAbsent) all[std::string(name)] = absent;
}

}  // namespace tote::go_template
