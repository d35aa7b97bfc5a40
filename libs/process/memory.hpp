#pragma once
#include <chrono>

// Of process/ alone: how much of what was freed the process keeps. Gigabytes pass through one that holds some
// megabytes at a time, and an allocator keeps what a burst left. Some megabytes it may keep: pages that are
// given back with each event and taken again with the next are cleared by the system each time.
// The allocator is gperftools' tcmalloc (https://gperftools.github.io/gperftools/tcmalloc.html): an event
// that librdkafka's thread takes is freed by ours, and glibc pays for that, and for texts of some kilobytes
// among small ones, with a sixth more of the processor.
namespace aftercall::process {

void limit_memory();  // before the first thread

inline constexpr std::chrono::seconds between_givings{5};
void give_memory_back();

}  // namespace aftercall::process
