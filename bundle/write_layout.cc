#include "bundle/write_layout.h"

#include "archive/archive_layout.h"
#include "archive/layout_writer.h"
#include "copy/execute.h"
#include "copy/survey.h"

namespace tote::bundle {

void write_layout(const Cargo& cargo, const std::filesystem::path& directory,
                  const Session& session) {
  archive::check_readable(cargo.contents);
  archive::LayoutWriter writer(directory);
  tell(cargo.observer, LayersBegun{});
  const copy::Work work = copy::survey(cargo.contents, writer, session.pool, session.stop);
  expect_base(cargo, work);
  copy::execute(work, cargo.from, writer, session.pool,
                {.observer = part_of(cargo.observer),
                 .failures = session.failures,
                 .streams = session.streams},
                session.stop);
  if (session.failures != nullptr) session.failures->rethrow();  // its images get no names
  writer.finish(cargo.contents, cargo.images_lock);
}

}  // namespace tote::bundle
