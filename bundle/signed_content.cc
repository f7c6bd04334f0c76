#include "bundle/signed_content.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace tote::bundle {
namespace {

constexpr std::string_view kSimpleSigningKind = "cosign container image signature";
constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle";
constexpr std::string_view kStatementType = "application/vnd.in-toto+json";
constexpr std::string_view kStatement = "https://in-toto.io/Statement/v1";
constexpr std::string_view kSignaturePredicate = "https://sigstore.dev/cosign/sign/v1";

// In one envelope, of one statement; cosign makes one of each.
constexpr std::size_t kMaxSignatures = 16;
constexpr std::size_t kMaxSubjects = 1000;

[[noreturn]] void refuse(std::string why) {
  throw Error(ErrorKind::kParse, std::move(why));
}

std::string decode(std::string_view base64, const char* what) {
  std::optional<std::string> bytes = base64_decode(base64);
  if (!bytes) refuse(fmt::format("{} is not base64", what));
  return *std::move(bytes);
}

void expect(std::string_view got, std::string_view want, const char* what) {
  if (got != want) refuse(fmt::format("{} is '{}', not '{}'", what, got, want));
}

// DSSE's pre-authentication encoding, version 1.
std::string encode_for_signing(std::string_view type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", type.size(), type, payload.size(), payload);
}

// What is named by a hash that images have no digests of is no image's.
std::vector<oci::Digest> subjects_of(const Json& statement) {
  const std::vector<Json> subjects = statement.at("subject").items();
  if (subjects.size() > kMaxSubjects)
    refuse(fmt::format("the statement has more than {} subjects", kMaxSubjects));
  std::vector<oci::Digest> digests;
  for (const Json& subject : subjects)
    for (const auto& [algorithm, hex] : subject.at("digest").members())
      if (const auto digest = oci::Digest::try_parse(fmt::format("{}:{}", algorithm, hex.string())))
        digests.push_back(*digest);
  return digests;
}

std::vector<std::string> signatures_of(const Json& envelope) {
  const std::vector<Json> items = envelope.at("signatures").items();
  if (items.size() > kMaxSignatures)
    refuse(fmt::format("the envelope has more than {} signatures", kMaxSignatures));
  std::vector<std::string> signatures;
  for (const Json& item : items)
    signatures.push_back(decode(item.at("sig").string(), "the signature"));
  return signatures;
}

}  // namespace

SignedContent read_simple_signing(std::string payload, std::string_view signature_base64) {
  const Json critical = Json::parse_unambiguous(payload, "payload").at("critical");
  expect(critical.at("type").string(), kSimpleSigningKind, "the payload's type");
  const oci::Digest image =
      oci::Digest::parse(critical.at("image").at("docker-manifest-digest").string());
  return {std::move(payload), {decode(signature_base64, "the signature")}, {image}};
}

SignedContent read_sigstore_bundle(std::string_view bundle) {
  const Json json = Json::parse_unambiguous(bundle, "bundle");
  const std::string type = json.string_or("mediaType", "");
  if (!type.starts_with(kBundleType)) refuse(fmt::format("'{}' is no sigstore bundle", type));
  const std::optional<Json> envelope = json.find("dsseEnvelope");
  if (!envelope) refuse("the bundle has no DSSE envelope");
  const std::string payload_type = envelope->at("payloadType").string();
  expect(payload_type, kStatementType, "the payload's type");
  const std::string payload = decode(envelope->at("payload").string(), "the payload");
  const Json statement = Json::parse_unambiguous(payload, "statement");
  expect(statement.at("_type").string(), kStatement, "the statement's type");
  expect(statement.at("predicateType").string(), kSignaturePredicate, "what is stated");
  return {encode_for_signing(payload_type, payload), signatures_of(*envelope),
          subjects_of(statement)};
}

}  // namespace tote::bundle
