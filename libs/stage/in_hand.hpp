#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "domain/failure.hpp"

namespace aftercall::stage {

// A unit of this stage's input topic.
struct Handle {
  int partition = 0;
  std::int64_t offset = 0;
  std::string unit;
  bool operator==(const Handle&) const = default;
  bool operator<(const Handle& other) const {
    return std::tie(partition, offset, unit) < std::tie(other.partition, other.offset, other.unit);
  }
};

// Guards against an event that takes the process down again and again. What is worked on is noted in a small
// local file, and whoever starts next finds there what a crash left behind. No fsync: a killed process leaves
// its pages to the kernel, and after a power failure nothing was the event's fault.
class InHand {
 public:
  // Counts a start for each unit that was found in hand. Without a path nothing is remembered across starts.
  // Fails when the file cannot be written or another process holds it.
  static Result<InHand> open(const std::filesystem::path& path);
  InHand(InHand&&) noexcept;
  InHand& operator=(InHand&&) noexcept;
  ~InHand();

  enum class Trust {
    Full,
    Alone,  // found at two starts: to be run with nothing beside it
    None,   // found at two further starts although it ran alone: never again
  };
  Trust trust(const Handle& handle) const;
  // Those of a partition that are to be run alone, or never.
  std::vector<Handle> suspects(int partition) const;

  void take(const Handle& handle, bool by_itself);
  void done(const Handle& handle);  // whatever its outcome: it took nothing down
  // What lies below a group's committed offset was completed elsewhere.
  void passed(int partition, std::int64_t committed);

 private:
  struct Mark {
    int found = 0;
    int found_alone = 0;
    std::size_t slot = 0;
  };
  class File;

  explicit InHand(std::unique_ptr<File> file);
  void write(const Handle& handle, const Mark& mark, char state);
  void clear(std::map<Handle, Mark>::iterator mark);
  void restore();
  std::size_t free_slot();

  std::unique_ptr<File> file_;
  std::map<Handle, Mark> marks_;
  std::vector<std::size_t> free_;
};

}  // namespace aftercall::stage
