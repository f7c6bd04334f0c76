#include "tests/template/random_template.h"

#include <fmt/format.h>

namespace tote::go_template {
namespace {

// With "?" for each argument.
const std::vector<std::string>& calls() {
  static const std::vector<std::string> all = {"print ? ?",
                                               "println ?",
                                               "len ?",
                                               "index ? ?",
                                               "index ? ? ?",
                                               "not ?",
                                               "and ? ?",
                                               "or ? ?",
                                               "and ? ? ?",
                                               "or ? ? ?",
                                               "eq ? ?",
                                               "eq ? ? ?",
                                               "ne ? ?",
                                               "lt ? ?",
                                               "le ? ?",
                                               "gt ? ?",
                                               "ge ? ?",
                                               "html ?",
                                               "js ?",
                                               "urlquery ?",
                                               "call ?",
                                               "list ? ?",
                                               "list",
                                               "dict ? ?",
                                               "dict \"a\" ? \"b\" ?",
                                               "get ? ?",
                                               "hasKey ? ?",
                                               "set ? ? ?",
                                               "unset ? ?",
                                               "pick ? ?",
                                               "omit ? ?",
                                               "pluck ? ?",
                                               "dig ? ? ?",
                                               "merge ? ?",
                                               "mergeOverwrite ? ?",
                                               "deepCopy ?",
                                               "first ?",
                                               "last ?",
                                               "rest ?",
                                               "initial ?",
                                               "append ? ?",
                                               "prepend ? ?",
                                               "reverse ?",
                                               "uniq ?",
                                               "compact ?",
                                               "without ? ?",
                                               "has ? ?",
                                               "concat ? ?",
                                               "slice ? 1",
                                               "slice ? 0 2",
                                               "chunk 2 ?",
                                               "join ? ?",
                                               "sortAlpha ?",
                                               "split ? ?",
                                               "splitList ? ?",
                                               "default ? ?",
                                               "empty ?",
                                               "coalesce ? ?",
                                               "ternary ? ? ?",
                                               "all ? ?",
                                               "any ? ?",
                                               "typeOf ?",
                                               "kindOf ?",
                                               "kindIs ? ?",
                                               "deepEqual ? ?",
                                               "upper ?",
                                               "lower ?",
                                               "title ?",
                                               "trim ?",
                                               "trunc 3 ?",
                                               "trunc -2 ?",
                                               "substr 0 2 ?",
                                               "quote ? ?",
                                               "squote ?",
                                               "cat ? ?",
                                               "indent 2 ?",
                                               "nindent 2 ?",
                                               "replace ? ? ?",
                                               "contains ? ?",
                                               "hasPrefix ? ?",
                                               "hasSuffix ? ?",
                                               "trimPrefix ? ?",
                                               "trimSuffix ? ?",
                                               "trimAll ? ?",
                                               "repeat 2 ?",
                                               "snakecase ?",
                                               "camelcase ?",
                                               "kebabcase ?",
                                               "abbrev 5 ?",
                                               "wrap 4 ?",
                                               "initials ?",
                                               "swapcase ?",
                                               "nospace ?",
                                               "plural ? ? ?",
                                               "add ? ?",
                                               "sub ? ?",
                                               "mul ? ?",
                                               "div ? ?",
                                               "mod ? ?",
                                               "max ? ?",
                                               "min ? ?",
                                               "addf ? ?",
                                               "subf ? ?",
                                               "mulf ? ?",
                                               "divf ? ?",
                                               "floor ?",
                                               "ceil ?",
                                               "round ? 1",
                                               "int ?",
                                               "int64 ?",
                                               "float64 ?",
                                               "atoi ?",
                                               "toString ?",
                                               "toStrings ?",
                                               "until 3",
                                               "untilStep 0 5 2",
                                               "seq 1 3",
                                               "toJson ?",
                                               "toPrettyJson ?",
                                               "toRawJson ?",
                                               "toYaml ?",
                                               "fromJson ?",
                                               "b64enc ?",
                                               "b64dec ?",
                                               "b32enc ?",
                                               "b32dec ?",
                                               "sha256sum ?",
                                               "regexMatch \"[a-m]+\" ?",
                                               "regexFindAll \"[a-m]\" ? -1",
                                               "regexReplaceAll \"([a-m])\" ? \"<$1>\"",
                                               "regexSplit \"e\" ? -1",
                                               "base ?",
                                               "dir ?",
                                               "clean ?",
                                               "ext ?",
                                               "required ? ?",
                                               "fail ?",
                                               "include \"d\" ?",
                                               "tpl ? .",
                                               "tpl \"{{.i}}{{.s.x}}\" ?",
                                               "hello",
                                               "nosuch ?",
                                               "print",
                                               "len"};
  return all;
}

const std::string kVerbs = "vdstfgeqxXcUTbo%z";

}  // namespace

std::size_t RandomTemplate::below(std::size_t end) {
  return static_cast<std::size_t>(random_() % end);
}

std::string RandomTemplate::constant() {
  return pick({"1",        "0",       "-7",      "42",       "2.5",       "1e3",
               "0x1F",     "'a'",     "true",    "false",    "nil",       "\"a\"",
               "\"\"",     "\"x y\"", "`raw`",   "\"a,b\"",  "\"k\"",     "\"b\"",
               "\"it's\"", "\"äö\"",  "\"\\n\"", "1i",       "3",         "100000",
               "1e21",     "0.1",     "\"12\"",  "\"0x10\"", "\"a-b_c\"", "\"HelloWorld\""});
}

std::string RandomTemplate::field() {
  return pick({".i",   ".n",   ".f",     ".s",     ".e",         ".t",       ".no",        ".nil",
               ".u",   ".l",   ".none",  ".m",     ".em",        ".big",     ".strs",      ".nums",
               ".m.a", ".m.b", ".m.b.c", ".m.b.d", ".m.z",       ".missing", ".m.missing", ".",
               "$",    "$.s",  "$.m.b",  ".s.x",   ".missing.y", ".m.b.d.e", "$.l"});
}

std::string RandomTemplate::format() {
  std::string out = "printf \"";
  const std::size_t count = 1 + below(3);
  std::string arguments;
  for (std::size_t i = 0; i < count; ++i) {
    out += one_in(3) ? "a%" : "%";
    if (one_in(4)) out += pick({"+", "-", "#", "0", " ", "+#", "-0"});
    if (one_in(4)) out += pick({"5", "12", "1", "*", "[1]"});
    if (one_in(4)) out += pick({".2", ".0", ".", ".8"});
    out += kVerbs[below(kVerbs.size())];
    arguments += " " + operand(0);
  }
  return out + "\"" + arguments;
}

std::string RandomTemplate::operand(int depth) {
  if (depth > 0 && one_in(3))
    return "(" + pipeline(depth - 1) + ")" + (one_in(8) ? pick({".x", ".a", ".k"}) : "");
  return one_in(3) ? constant() : one_in(8) ? pick({"$v", "$w", "$v.a"}) : field();
}

std::string RandomTemplate::command(int depth) {
  if (one_in(10)) return format();
  if (one_in(3)) return operand(depth);
  std::string out;
  for (const char c : pick(calls()))
    if (c == '?')
      out += operand(depth);
    else
      out += c;
  return out;
}

std::string RandomTemplate::pipeline(int depth) {
  std::string out = command(depth);
  while (one_in(4))
    out += " | " +
           pick({"print",  "len",     "upper",    "quote", "toString",      "default 1",  "not",
                 "toJson", "trunc 2", "first",    "int",   "printf \"%v\"", "join \",\"", "list",
                 "empty",  "toYaml",  "indent 1", "add 1", "eq 1",          "and 1",      "or 0"});
  return out;
}

std::string RandomTemplate::action(const std::string& inner) {
  return (one_in(5) ? "{{- " : "{{") + inner + (one_in(5) ? " -}}" : "}}");
}

std::string RandomTemplate::block(int depth) {
  const std::string otherwise = one_in(3) ? action("else") + list(depth - 1) : "";
  const std::string end = otherwise + action("end");
  switch (below(5)) {
    case 0:
      return action("if " + pipeline(1)) + list(depth - 1) + end;
    case 1:
      return action("with " + pipeline(1)) + list(depth - 1) + end;
    case 2:
      return action("range " + pipeline(1)) + list(depth - 1) +
             (one_in(4) ? action(pick({"break", "continue"})) : "") + end;
    case 3:
      return action("range $v, $w := " + pipeline(1)) + list(depth - 1) + end;
    default:
      return action("if " + pipeline(1)) + list(depth - 1) + action("else if " + pipeline(0)) +
             list(depth - 1) + end;
  }
}

std::string RandomTemplate::item(int depth) {
  if (depth > 0 && one_in(3)) return block(depth);
  switch (below(8)) {
    case 0:
      return pick({"text ", "\n  ", " - ", "x: ", "\n"});
    case 1:
      return action(pick({"$v := ", "$w := ", "$v = ", "$w = "}) + pipeline(1));
    case 2:
      return action("template \"d\"" + (one_in(2) ? "" : " " + pipeline(0)));
    default:
      return action(pipeline(2));
  }
}

std::string RandomTemplate::list(int depth) {
  std::string out;
  for (std::size_t count = 1 + below(3); count > 0; --count) out += item(depth);
  return out;
}

std::string RandomTemplate::damaged(std::string text) {
  const std::size_t at = below(text.size());
  if (one_in(2))
    text.erase(at, 1);
  else
    text.insert(at, pick({"{", "}",  "\"", "(", ")",  "|", ".", "$", " ", "'",
                          "-", ":=", ",",  "=", "\n", "`", "1", "x", "@", "/*"}));
  return text;
}

std::string RandomTemplate::make() {
  std::string text = "{{$v := .m}}{{$w := .l}}" + list(2) + "{{define \"d\"}}<{{.}}>{{end}}";
  return one_in(8) ? damaged(text) : text;
}

}  // namespace tote::go_template
