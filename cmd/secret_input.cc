#include "cmd/secret_input.h"

#include "base/error.h"
#include "base/standard_input.h"
#include "base/stream.h"
#include "base/unique_fd.h"

#include <array>
#include <cerrno>
#include <optional>
#include <poll.h>
#include <span>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

namespace tote::cmd {
namespace {

constexpr std::size_t kMaxSecret = 16U << 10U;

void say(const std::string& text) {
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) throw io_error("write standard error");
}

// While it lives a terminal shows nothing of what is typed.
class Silence {
 public:
  Silence() {
    termios quiet{};
    if (::tcgetattr(STDIN_FILENO, &quiet) != 0) throw io_error("look at the terminal");
    before_ = quiet;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0) throw io_error("silence the terminal");
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

 private:
  termios before_{};
};

void wait_for_input(const std::stop_token& stop) {
  const UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  const std::stop_callback on_stop(stop, [&] { ::eventfd_write(wake.get(), 1); });
  std::array<pollfd, 2> both = {{{STDIN_FILENO, POLLIN, 0}, {wake.get(), POLLIN, 0}}};
  while (::poll(both.data(), both.size(), -1) < 0)
    if (errno != EINTR) throw io_error("wait for standard input");
  if (stop.stop_requested()) throw Cancelled();
}

std::string read_line(const std::stop_token& stop) {
  std::string line;
  std::array<char, 1> next{};
  StandardInput input;
  for (;;) {
    wait_for_input(stop);
    if (input.read_some(std::as_writable_bytes(std::span(next))) == 0)
      throw Error(ErrorKind::kIo, "the input has ended where an answer was expected");
    if (next[0] == '\n') return line;
    if (next[0] != '\r') line += next[0];
    if (line.size() > kMaxSecret) throw Error(ErrorKind::kUsage, "the answer is too long");
  }
}

}  // namespace

bool is_stdin_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

std::string ask(const std::string& prompt, Echo echo, const std::stop_token& stop) {
  say(prompt);
  if (echo == Echo::kYes) return read_line(stop);
  const Silence silence;
  std::string answer = read_line(stop);
  say("\n");
  return answer;
}

std::string read_secret() {
  StandardInput input;
  std::string text = read_all(input, kMaxSecret, "the password");
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace tote::cmd
