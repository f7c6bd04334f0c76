// A registry inside a program, as a test of something that needs one would have it: started on a
// free port, given an image, asked for it again.
//
//   registry_in_process DIRECTORY
#include "base/error.h"
#include "bundle/push.h"
#include "testregistry/registry.h"

#include <cstdio>

namespace {

using namespace tote;

oci::Digest push_files(const std::string& directory, const oci::Reference& target) {
  registry::Client client({});
  ThreadPool pool(2);
  return bundle::push({.target = {.name = target, .client = &client}, .files = {directory}},
                      {pool});
}

void run(const char* directory) {
  testregistry::Registry registry({});  // in memory, on 127.0.0.1, on a port that is free
  const std::string address = registry.start().address;
  const oci::Digest digest = push_files(directory, oci::Reference::parse(address + "/files:v1"));
  std::printf("%s/files@%s\n", address.c_str(), digest.str().c_str());
  const auto stored = registry.storage().find_tag("files", "v1");
  std::printf("the registry has %s\n", stored == digest ? "it" : "something else");
  registry.stop();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: registry_in_process DIRECTORY\n");
    return 1;
  }
  try {
    run(argv[1]);
    return 0;
  } catch (const tote::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
