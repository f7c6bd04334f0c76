// Runs a target over the files of a corpus, and over cut and flipped variants of each.
#include "tests/fuzz/fuzz.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

void run_variants(const std::string& input) {
  constexpr std::size_t kMost = 200;
  const std::size_t step = input.size() / kMost + 1;
  for (std::size_t at = 0; at < input.size(); at += step) {
    run(input.substr(0, at));
    std::string flipped = input;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x15);
    run(flipped);
  }
}

}  // namespace

int main(int argc, char** argv) {
  int count = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string input((std::istreambuf_iterator<char>(file)), {});
      run(input);
      run_variants(input);
      ++count;
    }
  std::cout << count << " inputs replayed\n";
  return count == 0 ? 1 : 0;
}
