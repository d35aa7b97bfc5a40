#include "process/memory.hpp"

#include <gperftools/malloc_extension.h>

#include <cstddef>

namespace aftercall::process {
namespace {

constexpr std::size_t all_threads_keep = 4UL << 20;
constexpr std::size_t kept = 1UL << 20;

}  // namespace

void limit_memory() {
  MallocExtension::instance()->SetNumericProperty("tcmalloc.max_total_thread_cache_bytes", all_threads_keep);
}

void give_memory_back() {
  auto* const allocator = MallocExtension::instance();
  std::size_t free_pages = 0;
  if (!allocator->GetNumericProperty("tcmalloc.pageheap_free_bytes", &free_pages) || free_pages <= kept)
    return;
  allocator->ReleaseToSystem(free_pages - kept);
}

}  // namespace aftercall::process
