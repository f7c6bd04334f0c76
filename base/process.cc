#include "base/process.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tote {
namespace {

constexpr std::size_t kMaxInput = 32U << 10U;  // half of what a pipe holds

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Pipe make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) throw io_error("pipe");
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// The two structures of posix_spawn with their destructors.
struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Where a program is; empty: nowhere. A name with a slash in it is looked up nowhere.
std::string file_of(const std::string& program, const Environment& environment) {
  if (program.find('/') != std::string::npos) return program;
  const std::string path = environment.get("PATH");
  for (const std::string& directory : split(path.empty() ? "/bin:/usr/bin" : path, ':')) {
    std::string file = (directory.empty() ? "." : directory) + "/" + program;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

pid_t spawn(const std::string& file, const std::vector<std::string>& arguments,
            const SpawnSettings& settings, const std::vector<std::string>& variables) {
  pid_t child = 0;
  errno = file.empty() ? ENOENT
                       : posix_spawn(&child, file.c_str(), &settings.actions, &settings.attributes,
                                     pointers_to(arguments).data(), pointers_to(variables).data());
  if (errno != 0) throw io_error(fmt::format("run '{}'", arguments[0]));
  return child;
}

pid_t spawn_with_pipes(const std::vector<std::string>& arguments, const Environment& environment,
                       const Pipe& in, const Pipe& out, const Pipe& errors) {
  SpawnSettings settings;
  posix_spawn_file_actions_adddup2(&settings.actions, in.read_end.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&settings.actions, out.write_end.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&settings.actions, errors.write_end.get(), STDERR_FILENO);
  const std::vector<std::string> variables = environment.lines();
  return spawn(file_of(arguments[0], environment), arguments, settings, variables);
}

std::vector<std::string> changed(const Environment& environment,
                                 const std::map<std::string, std::string>& changes) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment.variables())
    if (!changes.contains(name)) lines.push_back(name + "=" + value);
  for (const auto& [name, value] : changes) lines.push_back(name + "=" + value);
  return lines;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Takes what is there now; false at the end of the pipe.
bool take_output(int fd, std::string& output, std::size_t max, bool& is_cut) {
  std::array<char, 4096> chunk{};
  const ssize_t n = ::read(fd, chunk.data(), chunk.size());
  if (n < 0 && errno == EINTR) return true;
  if (n <= 0) return false;
  const std::size_t taken = std::min(static_cast<std::size_t>(n), max - output.size());
  output.append(chunk.data(), taken);
  is_cut = is_cut || taken < static_cast<std::size_t>(n);
  return true;
}

// Until the child has ended, whether or not something that it started still holds the pipes. False
// when the time is over first.
bool read_until_exit(int out, int errors, int child, ProcessResult& result,
                     const ProcessLimits& limits) {
  const auto take = [&](int fd, std::string& output) {
    return take_output(fd, output, limits.max_output, result.is_cut);
  };
  const auto deadline = std::chrono::steady_clock::now() + limits.timeout;
  std::array<pollfd, 3> waiting{pollfd{out, POLLIN, 0}, pollfd{errors, POLLIN, 0},
                                pollfd{child, POLLIN, 0}};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) <= 0) continue;
    if (waiting[0].revents != 0 && !take(out, result.output)) waiting[0].fd = -1;
    if (waiting[1].revents != 0 && !take(errors, result.errors)) waiting[1].fd = -1;
    const bool is_quiet = waiting[0].revents == 0 && waiting[1].revents == 0;
    if (is_quiet && waiting[2].revents != 0) return true;
  }
}

}  // namespace

bool find_program(const std::string& name, const Environment& environment) {
  return !file_of(name, environment).empty();
}

ProcessResult run_process(const std::vector<std::string>& arguments, std::string_view input,
                          const Environment& environment, const ProcessLimits& limits) {
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe errors = make_pipe();
  // Inputs are shorter than a pipe's buffer, so this does not block; and while we hold the other
  // end too, a child that reads nothing is no broken pipe.
  if (input.size() > kMaxInput)
    throw Error(ErrorKind::kUsage,
                fmt::format("{} bytes are too many for the input of '{}', which takes {}",
                            input.size(), arguments[0], kMaxInput));
  write_all(in.write_end.get(), as_bytes(input));
  const pid_t child = spawn_with_pipes(arguments, environment, in, out, errors);
  in = {};
  out.write_end.reset();
  errors.write_end.reset();
  ProcessResult result;
  const UniqueFd child_fd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  bool ended = false;
  {
    // Only while the child has not been waited for: its number could be another's.
    const std::stop_callback kill_it(limits.stop, [child] { ::kill(child, SIGKILL); });
    ended = child_fd && read_until_exit(out.read_end.get(), errors.read_end.get(), child_fd.get(),
                                        result, limits);
    if (!ended) ::kill(child, SIGKILL);
  }
  result.exit_status = wait_for(child);
  if (limits.stop.stop_requested()) throw Cancelled();
  if (!ended)
    throw Error(ErrorKind::kIo,
                fmt::format("run '{}': not done after {} s", arguments[0], limits.timeout.count()));
  return result;
}

int run_in_front(const std::vector<std::string>& arguments, const Environment& environment,
                 const std::map<std::string, std::string>& changes, std::stop_token stop) {
  const SpawnSettings settings;
  const pid_t child =
      spawn(file_of(arguments[0], environment), arguments, settings, changed(environment, changes));
  {
    const std::stop_callback pass_on(stop, [child] { ::kill(child, SIGTERM); });
    // It stays a zombie until nobody can send it signals any more: its number could be another's.
    siginfo_t ended{};
    while (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) < 0 &&
           errno == EINTR) {
    }
  }
  return wait_for(child);
}

}  // namespace tote
