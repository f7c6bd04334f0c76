// Copies a bundle with all its images, or an image, from a registry to an archive, and says what
// comes while it comes:
//
//   copy_to_archive registry.example/app:v1 app.tar
#include "base/error.h"
#include "bundle/transfer.h"

#include <cstdio>
#include <exception>

namespace {

using namespace tote;

// Events are values: what they are shown as, if at all, is for the caller. (docs/architecture.md)
void show(const bundle::Event& event) {
  if (const auto* planned = std::get_if<bundle::ImagePlanned>(&event))
    std::printf("image %s\n", planned->image.reference().c_str());
  if (const auto* finished = std::get_if<copy::BlobFinished>(&event))
    std::printf("blob %s, %llu bytes\n", finished->blob.blob.digest.str().c_str(),
                static_cast<unsigned long long>(finished->blob.blob.size));
}

void copy_to_archive(const char* reference, const char* path) {
  registry::Client client({});  // logins come from Docker's config, as for the program
  ThreadPool pool(8);
  bundle::transfer(bundle::FromImage{oci::Reference::parse(reference)}, bundle::ArchiveTarget{path},
                   {.observer = show}, client, {pool});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: copy_to_archive REFERENCE FILE\n");
    return 1;
  }
  try {
    copy_to_archive(argv[1], argv[2]);
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    if (!error.hint().empty()) std::fprintf(stderr, "hint: %s\n", error.hint().c_str());
    return 1;
  }
}
