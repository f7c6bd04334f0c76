#include "template/stack_space.h"

#include <cstddef>
#include <cstdint>
#include <pthread.h>

namespace tote::go_template {
namespace {

constexpr std::size_t kReserve = 384U << 10U;

// The lowest address of this thread's stack; 0: unknown.
std::uintptr_t stack_begin() noexcept {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void* begin = nullptr;
  std::size_t size = 0;
  const int result = pthread_attr_getstack(&attributes, &begin, &size);
  pthread_attr_destroy(&attributes);
  return result == 0 ? reinterpret_cast<std::uintptr_t>(begin) : 0;
}

}  // namespace

bool has_stack_space() noexcept {
  thread_local const std::uintptr_t begin = stack_begin();
  const char here = 0;
  return reinterpret_cast<std::uintptr_t>(&here) - begin > kReserve;
}

}  // namespace tote::go_template
