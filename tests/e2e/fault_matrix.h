// Every fault that can strike a copy, and what has to come of it.
#pragma once

#include "tests/e2e/faulty_registry.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tote::test {

// kMount: to another repository of the same registry.
enum class Way : std::uint8_t { kToTar, kToRegistry, kMount, kFromTar, kFromVolumes };

enum class Often : std::uint8_t { kOnce, kAlways };

// kFails: with one error; when the fault is gone the same command succeeds.
enum class Outcome : std::uint8_t { kSucceeds, kFails };

struct Cell {
  Way way;
  bool is_near;  // the fault is at the registry that is read, else at the one that is written
  Operation at;
  Mischief with;
  Often often;
  Outcome outcome;
};

std::string name_of(const Cell& cell);
// kByTurns: the same protocol is met on several ways, and a fault on one of them; of the answers
// that say "later" a request gets one, and what takes ten seconds is left out.
enum class Scope : std::uint8_t { kByTurns, kAll };

// What can occur, the slow ones first.
std::vector<Cell> fault_matrix(Scope scope);

}  // namespace tote::test
