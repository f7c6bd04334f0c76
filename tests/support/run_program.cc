#include "tests/support/run_program.h"

#include "base/environment.h"
#include "tests/support/temp_dir.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace tote::test {
namespace {

std::array<int, 2> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return fds;
}

// Goes with the tests: uploads that break off leave something there.
std::string state_directory() {
  static const TempDir kDirectory;
  return kDirectory.path().string();
}

std::vector<std::string> environment_of(const ProgramOptions& options) {
  std::map<std::string, std::string> variables = {
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"HOME", "/nonexistent"},
      {"XDG_STATE_HOME", state_directory()},
      {"LC_ALL", "C.UTF-8"},
      {"TZ", "Asia/Kathmandu"}};
  for (const char* kept : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "TMPDIR"})
    if (const char* value = std::getenv(kept)) variables[kept] = value;
  for (const auto& [name, value] : options.environment) variables[name] = value;
  std::vector<std::string> out;
  for (const auto& [name, value] : variables) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

Child::Child(std::vector<std::string> command, const ProgramOptions& options) {
  const auto out = make_pipe();
  const auto err = make_pipe();
  std::vector<std::string> environment = environment_of(options);
  const std::vector<char*> argv = pointers(command);
  const std::vector<char*> envp = pointers(environment);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(126);
    if (options.before_exec) options.before_exec();
    ::execvpe(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

Child::~Child() {
  if (!waited_) {
    ::kill(pid_, SIGKILL);
    wait();
  }
}

void Child::signal(int number) const {
  ::kill(pid_, number);
}

std::string Child::read_line() {
  for (;;) {
    if (const std::size_t end = out_seen_.find('\n'); end != std::string::npos) {
      std::string line = out_seen_.substr(0, end);
      out_seen_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> chunk{};
    const ssize_t n = ::read(out_, chunk.data(), chunk.size());
    if (n <= 0) throw std::runtime_error("the program ended before it printed a line");
    out_seen_.append(chunk.data(), static_cast<std::size_t>(n));
  }
}

ProgramResult Child::wait() {
  ProgramResult result;
  result.out = std::move(out_seen_);
  std::array<pollfd, 2> fds{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
  const std::array<std::string*, 2> texts{&result.out, &result.err};
  for (int open = 2; open > 0;) {
    ::poll(fds.data(), fds.size(), -1);
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      std::array<char, 65536> chunk{};
      const ssize_t n = ::read(fds[i].fd, chunk.data(), chunk.size());
      if (n > 0) {
        texts[i]->append(chunk.data(), static_cast<std::size_t>(n));
      } else if (n == 0 || errno != EINTR) {
        fds[i].fd = -1;
        --open;
      }
    }
  }
  ::close(out_);
  ::close(err_);
  int status = 0;
  rusage usage{};
  while (::wait4(pid_, &status, 0, &usage) < 0)
    if (errno != EINTR) throw std::runtime_error("wait4 failed");
  waited_ = true;
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  result.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  return result;
}

std::string program_path() {
  const char* chosen = std::getenv("TOTE_PROGRAM");
  return chosen == nullptr ? TOTE_BUILT_PROGRAM : std::filesystem::absolute(chosen).string();
}

ProgramResult run(const std::vector<std::string>& command, const ProgramOptions& options) {
  return Child(command, options).wait();
}

ProgramResult tote(std::vector<std::string> arguments, const ProgramOptions& options) {
  arguments.insert(arguments.begin(), program_path());
  return run(arguments, options);
}

std::string environment(const std::string& name) {
  return Environment::of_process().get(name);
}

}  // namespace tote::test
