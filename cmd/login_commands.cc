#include "base/error.h"
#include "base/json_writer.h"
#include "cmd/commands.h"
#include "cmd/registry_flags.h"
#include "cmd/secret_input.h"
#include "oci/reference.h"
#include "registry/login.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

struct LoginOptions {
  std::string username;
  std::string password;
  bool password_stdin = false;
  std::string auth_file;
  RegistryFlags registry;
};

// The registry that a word names: with or without a scheme, a path does not count.
std::string parse_host(const std::string& text, Ui& ui) {
  std::string host = text;
  if (const std::size_t scheme = host.find("://"); scheme != std::string::npos)
    host.erase(0, scheme + 3);
  const std::size_t slash = std::min(host.find('/'), host.size());
  if (slash + 1 < host.size())
    ui.notice(fmt::format("'{}': the path does not count, credentials are for '{}'", text,
                          host.substr(0, slash)));
  host.resize(slash);
  if (host == "docker.io" || host == "registry-1.docker.io") return "index.docker.io";
  const oci::Repository probe =
      while_doing([&] { return fmt::format("Parsing '{}'", text); },
                  [&] { return oci::Repository::parse(host + "/repository"); });
  if (probe.registry != host || host.find('@') != std::string::npos)
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is no registry", text))
        .with_hint("the name of a registry has a dot or a port: registry.example, localhost:5000");
  return host;
}

registry::LoginStore store_of(const LoginOptions& options, const CommandContext& context) {
  return {options.auth_file.empty() ? registry::login_file(context.environment)
                                    : std::filesystem::path(options.auth_file),
          context.environment};
}

std::string ask_for_secret(const LoginOptions& options, const char* prompt,
                           const CommandContext& context) {
  if (options.password_stdin) return read_secret();
  if (!options.password.empty()) {
    context.ui.notice("others see --password in the list of processes: take --password-stdin");
    return options.password;
  }
  if (!is_stdin_terminal())
    throw Error(ErrorKind::kUsage, "Expected --password-stdin, since there is no terminal to ask");
  return ask(prompt, Echo::kNo, context.stop);
}

// Without a user it is a token.
registry::Credentials credentials_of(const LoginOptions& options, const CommandContext& context) {
  std::string username = options.username;
  if (username.empty() && !options.password_stdin && options.password.empty() &&
      is_stdin_terminal())
    username = ask("Username: ", Echo::kYes, context.stop);
  const bool is_token = username.empty();
  std::string secret = ask_for_secret(options, is_token ? "Token: " : "Password: ", context);
  if (secret.empty())
    throw Error(ErrorKind::kUsage, is_token ? "the token is empty" : "the password is empty");
  if (username.find(':') != std::string::npos)
    throw Error(ErrorKind::kUsage, "the name of a user can not have a ':'");
  if (is_token) return {.identity_token = std::move(secret)};
  return {.username = std::move(username), .password = std::move(secret)};
}

void refuse_other_credentials(const RegistryFlags& flags) {
  if (!flags.username.empty() || !flags.password.empty() || !flags.token.empty() || flags.anonymous)
    throw Error(ErrorKind::kUsage,
                "login takes --username (-u) and --password-stdin, not --registry-username, "
                "--registry-password, --registry-token or --registry-anon");
}

void tell_where(const registry::LoginStore& store, const std::string& helper, Ui& ui) {
  if (!helper.empty()) return;
  ui.notice(
      fmt::format("the password is in '{}', not encrypted: credsStore there names a "
                  "credential helper",
                  store.file().string()));
  if (store.is_open_to_others())
    ui.notice(fmt::format("others may read '{}': chmod 600", store.file().string()));
}

void run_login(const LoginOptions& options, CommandContext& context) {
  refuse_other_credentials(options.registry);
  const std::string host = parse_host(context.arguments.at(0), context.ui);
  const registry::LoginStore store = store_of(options, context);
  const registry::Credentials who = credentials_of(options, context);
  const bool was_asked =
      while_doing([&] { return fmt::format("Logging in to '{}'", host); },
                  [&] {
                    return registry::check_login(
                        options.registry.client_options(context, ConcurrencyFlag{}.of(false)), host,
                        who, context.stop);
                  });
  if (!was_asked)
    context.ui.notice(fmt::format(
        "'{}' asks nobody for a password: whether this one is right is not known", host));
  const std::string helper =
      while_doing([&] { return fmt::format("Storing the credentials for '{}'", host); },
                  [&] { return store.store(host, who); });
  tell_where(store, helper, context.ui);
  context.ui.own_result("Login succeeded");
  context.ui.data(as_json(std::map<std::string, std::string>{
      {"registry", host}, {"stored", helper.empty() ? store.file().string() : helper}}));
}

void run_logout(const LoginOptions& options, CommandContext& context) {
  const std::string host = parse_host(context.arguments.at(0), context.ui);
  const registry::LoginStore store = store_of(options, context);
  const auto erased = while_doing([&] { return fmt::format("Logging out of '{}'", host); },
                                  [&] { return store.erase(host); });
  for (const std::string& other : erased.others)
    context.ui.notice(fmt::format("the credentials for '{}' stay", other));
  if (!erased.was_there)
    throw Error(ErrorKind::kNotFound,
                fmt::format("'{}' has no credentials for '{}'", store.file().string(), host));
  context.ui.own_result("Logout succeeded");
  context.ui.data(as_json(std::map<std::string, std::string>{{"registry", host}}));
}

void add_auth_file(FlagSet& flags, LoginOptions& options) {
  flags
      .add_path("auth-file", 0, options.auth_file,
                "The file of credentials, instead of $DOCKER_CONFIG/config.json or "
                "~/.docker/config.json; $REGISTRY_AUTH_FILE names it to other commands")
      .never_empty();
}

}  // namespace

Command login_command() {
  Command command;
  command.name = "login";
  command.summary = "Store the credentials for a registry, if it takes them";
  command.examples =
      "  # A password that a variable holds\n"
      "  echo \"$PASSWORD\" | tote login registry.example -u ann --password-stdin\n\n"
      "  # Asks for the user and for the password; without a user for a token\n"
      "  tote login registry.example";
  command.arguments = {{"HOST"}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<LoginOptions>();
  FlagSet& flags = command.flags;
  flags.add_string("username", 'u', options->username,
                   "Who you are; without it the secret is a token");
  flags
      .add_string("password", 'p', options->password,
                  "The password, which others can see in the list of processes then")
      .secret()
      .excludes({"password-stdin"});
  flags.add_bool("password-stdin", 0, options->password_stdin,
                 "Take the password, or the token, from standard input");
  add_auth_file(flags, *options);
  flags.add_bool("plain-http", 0, options->registry.insecure, "Helm's name of --registry-insecure");
  flags.add_bool("insecure", "Helm's name of --registry-verify-certs=false", [options](bool is_on) {
    if (is_on) options->registry.verify_certificates = false;
  });
  options->registry.add_to(flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run_login(*options, context); });
  };
  return command;
}

Command logout_command() {
  Command command;
  command.name = "logout";
  command.summary = "Remove the credentials for a registry";
  command.arguments = {{"HOST"}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<LoginOptions>();
  add_auth_file(command.flags, *options);
  command.run = [options](CommandContext& context) { run_logout(*options, context); };
  return command;
}

}  // namespace tote::cmd
