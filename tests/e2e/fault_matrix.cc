#include "tests/e2e/fault_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace tote::test {
namespace {

using enum Operation;
using enum Mischief;

template <class T>
bool is_one_of(T value, std::initializer_list<T> of) {
  return std::find(of.begin(), of.end(), value) != of.end();
}

// ---- what can occur ----------------------------------------------------------------------------

struct Place {
  bool is_near;
  std::vector<Way> ways;
  std::vector<Operation> operations;
};

const std::vector<Place>& places() {
  static const std::vector<Place> kPlaces = {
      {true,
       {Way::kToTar, Way::kToRegistry},
       {kProbe, kToken, kGetManifest, kGetBlob, kGetLargeBlob}},
      {false,
       {Way::kToRegistry, Way::kFromTar, Way::kFromVolumes},
       {kProbe, kToken, kHeadManifest, kHeadBlob, kPostSession, kPostBlob, kGetSession, kPatch,
        kPutBlob, kPutManifest}},
      {true, {Way::kMount}, {kPostMount}}};
  return kPlaces;
}

// Where a body is read, and has to be right.
bool is_answered_by_content(Operation at) {
  return is_one_of(at, {kGetManifest, kGetBlob, kGetLargeBlob});
}

bool can_strike(Operation at, Mischief with) {
  switch (with) {
    case kDropInAnswer:
    case kTruncate:
    case kExtra:
    case kCorrupt:
    case kStall:
    case kPage:
      return is_answered_by_content(at) || at == kToken;
    case kDropInRequest:
      return is_one_of(at, {kPostBlob, kPatch, kPutManifest});
    case kUnauthorized:
      return at != kProbe;  // where it is the right answer
    case kWrongDigest:
    case kNoDigest:
      return is_answered_by_content(at) ||
             is_one_of(at, {kHeadManifest, kHeadBlob, kPostBlob, kPutBlob, kPutManifest});
    default:
      return true;
  }
}

// ---- what has to come of it --------------------------------------------------------------------

// Other content than what was asked for is never asked for again: who has it has it.
bool is_other_content(Operation at, Mischief with) {
  if (at == kPutManifest && with == kWrongDigest) return true;
  return is_answered_by_content(at) && is_one_of(with, {kTruncate, kExtra, kCorrupt, kPage});
}

// One byte of a token that is another makes a token that is refused, and another is asked for.
bool is_no_token(Operation at, Mischief with) {
  return at == kToken && is_one_of(with, {kTruncate, kExtra, kPage});
}

bool is_lost_answer(Mischief with) {
  return is_one_of(with, {kDropAfter, kSilence});
}

// What there is another way for.
bool can_be_done_without(Operation at, Mischief with) {
  // A POST that begins a session and a PUT; the content; another session.
  if (is_one_of(at, {kPostBlob, kPostMount, kGetSession})) return true;
  // A look at what is there.
  if (is_one_of(at, {kPatch, kPutBlob, kPutManifest})) return is_lost_answer(with);
  // A GET.
  return is_one_of(at, {kHeadManifest, kHeadBlob}) && with == kUnauthorized;
}

Outcome outcome_of(bool is_near, Operation at, Mischief with, Often often) {
  if (is_other_content(at, with) || is_no_token(at, with)) return Outcome::kFails;
  // A registry that is written to is asked by HEAD first, and what that is refused by GET.
  if (is_near && at == kToken && with == kUnauthorized) return Outcome::kFails;
  const bool is_harmless = is_one_of(with, {kWrongDigest, kNoDigest});
  const bool succeeds = often == Often::kOnce || is_harmless || can_be_done_without(at, with);
  return succeeds ? Outcome::kSucceeds : Outcome::kFails;
}

// ---- names -------------------------------------------------------------------------------------

const char* name_of(Operation at) {
  switch (at) {
    case kProbe:
      return "GET /v2/";
    case kToken:
      return "token";
    case kHeadManifest:
      return "HEAD manifest";
    case kGetManifest:
      return "GET manifest";
    case kHeadBlob:
      return "HEAD blob";
    case kGetBlob:
      return "GET blob";
    case kGetLargeBlob:
      return "GET large blob";
    case kPostSession:
      return "POST";
    case kPostBlob:
      return "POST of a blob";
    case kPostMount:
      return "mount";
    case kGetSession:
      return "GET upload";
    case kPatch:
      return "PATCH";
    case kPutBlob:
      return "PUT blob";
    case kPutManifest:
      return "PUT manifest";
  }
  return "";
}

const char* name_of(Mischief with) {
  switch (with) {
    case kDropBefore:
      return "drop before it is done";
    case kDropAfter:
      return "drop before the answer";
    case kDropInRequest:
      return "drop in the request";
    case kDropInAnswer:
      return "drop in the answer";
    case kTruncate:
      return "truncated body";
    case kExtra:
      return "extra bytes";
    case kCorrupt:
      return "corrupt byte";
    case kStall:
      return "stalled body";
    case kSilence:
      return "no answer";
    case kTooMany:
      return "429";
    case kTooManyFor1s:
      return "429 with Retry-After";
    case kBroken:
      return "500";
    case kUnavailable:
      return "503";
    case kUnauthorized:
      return "401";
    case kRedirectToItself:
      return "redirect to itself";
    case kWrongDigest:
      return "wrong digest header";
    case kNoDigest:
      return "no digest header";
    case kPage:
      return "a page for people";
  }
  return "";
}

const char* name_of(Way way) {
  switch (way) {
    case Way::kToTar:
      return "to tar";
    case Way::kToRegistry:
      return "to registry";
    case Way::kMount:
      return "to another repository";
    case Way::kFromTar:
      return "from tar";
    case Way::kFromVolumes:
      return "from volumes";
  }
  return "";
}

constexpr std::array kMischiefs = {
    kDropBefore,  kDropAfter,    kDropInRequest,    kDropInAnswer, kTruncate,     kExtra,
    kCorrupt,     kStall,        kSilence,          kTooMany,      kTooManyFor1s, kBroken,
    kUnavailable, kUnauthorized, kRedirectToItself, kWrongDigest,  kNoDigest,     kPage};

// All of them are answers that say: later. One of them, by turns, unless they are all wanted.
constexpr std::array kLater = {kTooMany, kTooManyFor1s, kBroken, kUnavailable};

bool is_passed_over(Mischief with, std::size_t turn) {
  const auto* const later = std::find(kLater.begin(), kLater.end(), with);
  return later != kLater.end() &&
         static_cast<std::size_t>(later - kLater.begin()) != turn % kLater.size();
}

// Waits for a second or more.
bool is_slow(const Cell& cell) {
  return is_one_of(cell.with, {kStall, kSilence, kTooManyFor1s});
}

// Waits for ten seconds and more: at every manifest, or because a transfer that advances is tried
// again. What comes of it is seen by other cells, too.
bool is_very_slow(const Cell& cell) {
  if (cell.often == Often::kOnce) return false;
  return (cell.with == kStall && cell.at != kGetBlob) ||
         (cell.with == kSilence && cell.at == kPutManifest);
}

void add_cells(const Place& place, Operation at, Mischief with, Scope scope,
               std::vector<Cell>& cells) {
  for (const Often often : {Often::kOnce, Often::kAlways})
    for (std::size_t i = 0; i < place.ways.size(); ++i) {
      if (scope == Scope::kByTurns && cells.size() % place.ways.size() != i) continue;
      const Cell cell{place.ways[i], place.is_near, at,
                      with,          often,         outcome_of(place.is_near, at, with, often)};
      if (scope == Scope::kAll || !is_very_slow(cell)) cells.push_back(cell);
      if (scope == Scope::kByTurns) break;
    }
}

}  // namespace

std::string name_of(const Cell& cell) {
  return fmt::format("{}: {} {} ({} registry), {}", name_of(cell.way), name_of(cell.with),
                     name_of(cell.at), cell.is_near ? "near" : "far",
                     cell.often == Often::kOnce ? "once" : "always");
}

std::vector<Cell> fault_matrix(Scope scope) {
  const bool is_all = scope == Scope::kAll;
  std::vector<Cell> cells;
  std::size_t turn = 0;
  for (const Place& place : places())
    for (const Operation at : place.operations) {
      ++turn;
      for (const Mischief with : kMischiefs)
        if (can_strike(at, with) && (is_all || !is_passed_over(with, turn)))
          add_cells(place, at, with, scope, cells);
    }
  std::stable_partition(cells.begin(), cells.end(), is_slow);
  return cells;
}

}  // namespace tote::test
