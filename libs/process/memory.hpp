#pragma once
#include <chrono>

// Of process/ alone: how much of what was freed the process keeps. Gigabytes pass through one that holds some
// megabytes at a time, and glibc keeps what large events took: the first one that is freed raises the size
// from which it asks the system for memory of its own, each of Kafka's threads has an arena, and what a burst
// leaves lies between what stays. Some megabytes it may keep: pages that are given back with each event and
// taken again with the next are cleared by the system each time.
namespace aftercall::process {

void limit_memory();  // before the first thread

// By itself glibc gives back only what is free at the end: to be called from time to time.
inline constexpr std::chrono::seconds between_givings{5};
void give_memory_back();

}  // namespace aftercall::process
