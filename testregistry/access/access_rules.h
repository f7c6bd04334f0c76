// Who may do what where.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::testregistry {

struct Actions {
  bool pull = false;
  bool push = false;
  bool remove = false;  // manifests, tags and blobs; spelled "delete"

  static Actions all() { return {true, true, true}; }
  bool any() const { return pull || push || remove; }
  Actions operator|(Actions other) const {
    return {pull || other.pull, push || other.push, remove || other.remove};
  }
  Actions operator&(Actions other) const {
    return {pull && other.pull, push && other.push, remove && other.remove};
  }
  // Whether these are allowed where `allowed` is.
  bool within(Actions allowed) const { return (*this & allowed).count() == count(); }
  std::string str() const;  // "pull,push,delete"

 private:
  int count() const { return int{pull} + int{push} + int{remove}; }
};

// "pull,push" and "*"; words that it does not know count for nothing.
Actions parse_actions(std::string_view text);

// Lines "USER REPOSITORY ACTIONS"; empty ones and '#' comments are skipped. USER is a name, "*" for
// whoever has logged in, or "anonymous" for everybody. REPOSITORY is a pattern: '*' stands for a
// part of one component, "**" for anything. What no line allows is forbidden.
class AccessRules {
 public:
  // Throws Error{kParse} with the line number, and for a text without rules: it would forbid
  // everything, and is rather a file that was cut short.
  static AccessRules parse(std::string_view text, std::string_view origin);
  // Users everything; everybody else `anonymous`.
  static AccessRules simple(Actions anonymous);

  // nullopt: nobody has logged in.
  Actions allowed(const std::optional<std::string>& user, std::string_view repository) const;
  // Whether they may read every repository, and so the list of them.
  bool may_list(const std::optional<std::string>& user) const;
  // Whether somebody who has not logged in may do anything at all.
  bool knows_anonymous() const;

 private:
  struct Rule {
    std::string user;
    std::string pattern;
    Actions actions;

    bool is_for(const std::optional<std::string>& who) const;
  };
  std::vector<Rule> rules_;
};

}  // namespace tote::testregistry
