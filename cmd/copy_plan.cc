#include "cmd/copy_plan.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "cmd/progress/quantities.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::cmd {
namespace {

constexpr std::uint64_t kMaxPlan = 256U << 20U;

std::string request_of(const CommandContext& context) {
  JsonWriter json;
  json.begin_array();
  for (const auto& [name, value] : context.flag_values) {
    const Flag* const flag = context.flags.find(name);
    if (flag == nullptr || !is_about_the_copy(*flag)) continue;
    json.begin_object().member("flag", name).member("value", value).end_object();
  }
  return json.end_array().take();
}

Table images_of(const bundle::TransferPlan& plan) {
  Table table{"Images", {{"Image"}, {"To move"}, {"To mount"}, {"Already there"}}, {}};
  for (const bundle::PlannedImage& image : plan.images)
    table.rows.push_back({image.reference, bytes_text(image.bytes.to_move),
                          bytes_text(image.bytes.to_mount), bytes_text(image.bytes.there)});
  return table;
}

std::string totals_of(const bundle::TransferPlan& plan, std::uint64_t bytes_per_second) {
  std::string text = fmt::format(
      "{} images: {} in {} blobs to move, {} in {} to mount, {} already there; {} requests\n",
      plan.images.size(), bytes_text(plan.bytes.to_move), plan.size.blobs_to_send,
      bytes_text(plan.bytes.to_mount), plan.size.blobs_to_mount, bytes_text(plan.bytes.there),
      plan.size.requests);
  if (bytes_per_second > 0)
    text += fmt::format("about {} at {}\n",
                        time_text(std::chrono::seconds(plan.bytes.to_move / bytes_per_second)),
                        rate_text(static_cast<double>(bytes_per_second)));
  return text;
}

std::string tags_of(const bundle::TransferPlan& plan) {
  std::string text;
  for (const bundle::PlannedTag& tag : plan.tags) {
    if (tag.before == tag.digest) continue;
    text += tag.moves() ? fmt::format("tag {} moves from {} to {}\n", tag.name(), tag.before->str(),
                                      tag.digest.str())
                        : fmt::format("tag {} is set to {}\n", tag.name(), tag.digest.str());
  }
  return text;
}

std::string missing_of(const bundle::TransferPlan& plan) {
  std::string text;
  for (const std::string& reference : plan.missing) text += fmt::format("missing: {}\n", reference);
  return text;
}

}  // namespace

bool is_about_the_copy(const Flag& flag) {
  constexpr std::array<std::string_view, 8> kOthers = {"dry-run", "plan",        "plan-out",
                                                       "resume",  "concurrency", "lock-output",
                                                       "record",  "verify-key"};
  return flag.group.empty() &&
         std::find(kOthers.begin(), kOthers.end(), flag.name) == kOthers.end();
}

void show_plan(const bundle::TransferPlan& plan, const std::string& json,
               std::uint64_t bytes_per_second, Ui& ui) {
  if (ui.shows_data()) return ui.data(json);
  ui.table(images_of(plan));
  ui.block(totals_of(plan, bytes_per_second) + tags_of(plan) + missing_of(plan));
}

std::string encode_plan(const bundle::TransferPlan& plan, const CommandContext& context) {
  return bundle::encode_plan(plan, request_of(context));
}

bundle::TransferPlan take_plan(const std::string& file, const CommandContext& context) {
  for (const auto& [name, value] : context.flag_values)
    if (const Flag* const flag = context.flags.find(name);
        flag != nullptr && is_about_the_copy(*flag))
      throw Error(ErrorKind::kUsage, fmt::format("Expected either --plan or --{}, not both", name))
          .with_hint("the plan says what is copied and how");
  return while_doing([&] { return fmt::format("Reading plan '{}'", file); },
                     [&] {
                       bundle::PlanFile read = bundle::parse_plan(read_file(file, kMaxPlan));
                       for (const auto& [name, value] : read.flags) {
                         const Flag* const flag = context.flags.find(name);
                         if (flag == nullptr || !is_about_the_copy(*flag))
                           throw Error(ErrorKind::kParse,
                                       fmt::format("it needs a flag --{}, which this program does "
                                                   "not have",
                                                   name));
                         try {
                           flag->set(value);
                         } catch (const std::string& why) {
                           throw Error(ErrorKind::kParse, fmt::format("--{}: {}", name, why));
                         }
                       }
                       return std::move(read.plan);
                     });
}

}  // namespace tote::cmd
