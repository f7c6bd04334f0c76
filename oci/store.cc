#include "oci/store.h"

namespace tote::oci {

std::vector<Descriptor> ImageReader::find_referrers(const Digest&, std::string_view,
                                                    std::stop_token) {
  return {};
}

std::optional<std::set<std::string>> ImageReader::tags_at_once(std::stop_token) {
  return std::nullopt;
}

bool ImageWriter::lists_referrer(const Manifest&, std::stop_token) {
  return true;
}

std::optional<std::set<std::string>> ImageWriter::tags_at_once(std::stop_token) {
  return std::nullopt;
}

std::uint64_t ImageWriter::sent_at_once() const {
  return 0;
}

}  // namespace tote::oci
