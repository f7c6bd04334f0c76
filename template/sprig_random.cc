// Sprig's functions that give something else each time.
#include "base/text.h"
#include "template/sprig.h"
#include "template/sprig_convert.h"
#include "template/unicode.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace tote::go_template {
namespace {

// From 0 on, below `end`, each as often as the others.
std::uint64_t random_below(Context& context, std::uint64_t end) {
  const std::uint64_t most = ~std::uint64_t{0};
  const std::uint64_t fair = most - most % end;
  std::uint64_t number = 0;
  do {
    context.random().fill(reinterpret_cast<char*>(&number), sizeof number);
  } while (number >= fair);
  return number % end;
}

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::string random_text(Context& context, std::int64_t count, std::string_view symbols) {
  if (count <= 0) return {};
  context.take_steps(static_cast<std::size_t>(count));
  std::string out;
  for (std::int64_t i = 0; i < count; ++i) out += symbols[random_below(context, symbols.size())];
  return out;
}

FunctionPtr random_of(std::string symbols) {
  return make_function([symbols = std::move(symbols)](Context& context, std::int64_t count) {
    return random_text(context, count, symbols);
  });
}

std::string printable_ascii() {
  std::string out;
  for (char c = ' '; c < 127; ++c) out += c;
  return out;
}

std::string random_bytes(Context& context, std::int64_t count) {
  if (count < 0) fail_call("runtime error: makeslice: len out of range");
  context.take_bytes(static_cast<std::size_t>(count));
  std::string bytes(static_cast<std::size_t>(count), '\0');
  context.random().fill(bytes.data(), bytes.size());
  return base64_encode(bytes);
}

// RFC 4122, version 4.
std::string uuid(Context& context) {
  std::array<char, 16> bytes{};
  context.random().fill(bytes.data(), bytes.size());
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return out;
}

std::int64_t random_integer(Context& context, std::int64_t begin, std::int64_t end) {
  if (end <= begin) fail_call("invalid argument to Intn");
  const std::uint64_t range = static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(begin) +
                                   random_below(context, range));
}

std::string shuffled(Context& context, std::string_view text) {
  std::vector<char32_t> symbols;
  for (; !text.empty(); text.remove_prefix(first_symbol(text).length))
    symbols.push_back(first_symbol(text).code);
  for (std::size_t i = symbols.size(); i > 1; --i)
    std::swap(symbols[i - 1], symbols[random_below(context, i)]);
  std::string out;
  for (const char32_t code : symbols) append_symbol(out, code);
  return out;
}

}  // namespace

void add_random_functions(FunctionMap& all) {
  all["randAlphaNum"] = random_of(std::string(kDigits) + std::string(kLetters));
  all["randAlpha"] = random_of(std::string(kLetters));
  all["randNumeric"] = random_of(std::string(kDigits));
  all["randAscii"] = random_of(printable_ascii());
  all["randBytes"] = make_function(random_bytes);
  all["randInt"] = make_function(random_integer);
  all["uuidv4"] = make_function(uuid);
  all["shuffle"] = make_function(shuffled);
}

}  // namespace tote::go_template
