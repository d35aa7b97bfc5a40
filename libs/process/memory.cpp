#include "process/memory.hpp"

#include <malloc.h>

#include <cstddef>

namespace aftercall::process {
namespace {

constexpr std::size_t kept = 1UL << 20;

}  // namespace

void limit_memory() {
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
  mallopt(M_TOP_PAD, 512 << 10);
  mallopt(M_ARENA_MAX, 2);
}

void give_memory_back() { ::malloc_trim(kept); }

}  // namespace aftercall::process
