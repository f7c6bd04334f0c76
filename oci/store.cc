#include "oci/store.h"

namespace tote::oci {

std::vector<Descriptor> ImageReader::find_referrers(const Digest&, std::string_view,
                                                    std::stop_token) {
  return {};
}

bool ImageWriter::lists_referrer(const Manifest&, std::stop_token) {
  return true;
}

}  // namespace tote::oci
