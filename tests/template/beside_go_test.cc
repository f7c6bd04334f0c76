// Random templates, rendered here and by Go.
#include "base/json_quote.h"
#include "template/json_input.h"
#include "template/quote.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/template/random_template.h"
#include "tests/template/render_case.h"

#include <gtest/gtest.h>

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace tote::go_template {
namespace {

constexpr int kNotThere = 77;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const std::string text = test::environment(variable);
  return text.empty() ? otherwise : std::stoull(text);
}

// TOTE_TEMPLATE_COUNT random templates from TOTE_TEMPLATE_SEED on, one JSON object a line.
std::vector<std::string> requests() {
  const std::uint64_t seed = number_of("TOTE_TEMPLATE_SEED", 1);
  const std::uint64_t count = number_of("TOTE_TEMPLATE_COUNT", 300);
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i < count; ++i)
    out.push_back("{\"template\":" + json_quote(RandomTemplate(seed + i).make()) +
                  ",\"data\":" + std::string(kRandomTemplateData) + "}");
  return out;
}

TEST(RandomTemplates, ComeOutAsInGo) {
  const test::TempDir dir;
  const std::string renderer = std::string(TOTE_RENDERER_DIRECTORY) + "/render";
  const test::ProgramResult built = test::run({TOTE_BUILD_RENDER, TOTE_RENDERER_DIRECTORY});
  if (built.exit_code == kNotThere) GTEST_SKIP() << built.err;
  ASSERT_EQ(built.exit_code, 0) << built.err;
  const std::vector<std::string> asked = requests();
  std::string input;
  for (const std::string& line : asked) input += line + "\n";
  test::write_text(dir / "requests", input);
  const test::ProgramResult said =
      test::run({"sh", "-c", "exec \"$0\" < \"$1\"", renderer, dir / "requests"});
  const std::vector<std::string> answers = lines_of(said.out);
  ASSERT_EQ(answers.size(), asked.size()) << said.err;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const RenderCase wanted = read_case(answers[i]);
    const RenderCase rendered = read_case(asked[i]);
    // What is no UTF-8 did not come through JSON.
    const std::string got = read_json(json_quote(render(rendered))).text();
    EXPECT_TRUE(got == wanted.expected)
        << rendered.text << "\ngot:  " << go_quote(got) << "\nwant: " << go_quote(wanted.expected);
  }
}

}  // namespace
}  // namespace tote::go_template
