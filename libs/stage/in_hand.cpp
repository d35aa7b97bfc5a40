#include "stage/in_hand.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

namespace aftercall::stage {
namespace {

constexpr std::size_t slot_bytes = 256;
// "h 1 0 7 123456 dynamics365:…": state, starts found, starts found alone, partition, offset, unit.
constexpr char in_hand = 'h', alone = 'a', remembered = '-';

// More than a process has bounds for; what finds no slot is not guarded.
constexpr std::size_t most_slots = 4096;
constexpr std::size_t file_bytes = most_slots * slot_bytes;

}  // namespace

// The file in memory: to note a unit is a copy of some bytes, and no system call, twice for every unit there
// is.
class InHand::File {
 public:
  File(int descriptor, char* bytes) : descriptor_(descriptor), bytes_(bytes) {}
  ~File() {
    ::munmap(bytes_, file_bytes);
    ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::size_t slot, std::string line) {
    if (slot >= most_slots) return;
    line.resize(slot_bytes - 1, ' ');
    line.push_back('\n');
    std::memcpy(bytes_ + slot * slot_bytes, line.data(), line.size());
  }
  void clear(std::size_t slot) {
    if (slot < most_slots) bytes_[slot * slot_bytes] = ' ';
  }
  std::string read(std::size_t slot) const { return {bytes_ + slot * slot_bytes, slot_bytes}; }

 private:
  int descriptor_;
  char* bytes_;
};

InHand::InHand(std::unique_ptr<File> file) : file_(std::move(file)) {}
InHand::InHand(InHand&&) noexcept = default;
InHand& InHand::operator=(InHand&&) noexcept = default;
InHand::~InHand() = default;

Result<InHand> InHand::open(const std::filesystem::path& path) {
  if (path.empty()) return InHand(nullptr);
  const auto refuse = [&](const char* what) {
    return fail(Cause::SetupIncomplete,
                "the crash guard's file " + path.string() + " " + what + ": " + std::strerror(errno));
  };
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return refuse("cannot be opened");
  // Its room is taken now: a full disk would otherwise be a fault at the first note.
  errno = ::posix_fallocate(descriptor, 0, file_bytes);
  const bool has_room = errno == 0;
  const bool is_ours = has_room && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  void* const bytes =
      is_ours ? ::mmap(nullptr, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0) : MAP_FAILED;
  if (bytes == MAP_FAILED) {
    auto refused = refuse(!has_room  ? "has no room"
                          : !is_ours ? "is held by another process"
                                     : "cannot be used");
    ::close(descriptor);
    return refused;
  }
  InHand guard(std::make_unique<File>(descriptor, static_cast<char*>(bytes)));
  guard.restore();
  return guard;
}

void InHand::restore() {
  for (std::size_t slot = most_slots; slot-- > 0;) {  // the lowest are used first
    std::istringstream words(file_->read(slot));
    char state = ' ';
    Mark mark{.slot = slot};
    Handle handle;
    const bool whole = static_cast<bool>(words >> state >> mark.found >> mark.found_alone >>
                                         handle.partition >> handle.offset);
    if (!whole || (state != in_hand && state != alone && state != remembered)) {
      file_->clear(slot);
      free_.push_back(slot);
      continue;
    }
    words >> handle.unit;  // may be empty
    mark.found += state == in_hand ? 1 : 0;
    mark.found_alone += state == alone ? 1 : 0;
    marks_[handle] = mark;
    write(handle, mark, remembered);
  }
}

InHand::Trust InHand::trust(const Handle& handle) const {
  const auto found = marks_.find(handle);
  if (found == marks_.end()) return Trust::Full;
  if (found->second.found_alone >= 2) return Trust::None;
  return found->second.found + found->second.found_alone >= 2 ? Trust::Alone : Trust::Full;
}

std::vector<Handle> InHand::suspects(int partition) const {
  std::vector<Handle> suspects;
  for (auto mark = marks_.lower_bound({partition, 0, {}}); mark != marks_.end(); ++mark) {
    if (mark->first.partition != partition) break;
    if (trust(mark->first) != Trust::Full) suspects.push_back(mark->first);
  }
  return suspects;
}

void InHand::take(const Handle& handle, bool by_itself) {
  auto [mark, is_new] = marks_.try_emplace(handle);
  if (is_new) mark->second.slot = free_slot();
  write(handle, mark->second, by_itself ? alone : in_hand);
}

void InHand::done(const Handle& handle) {
  if (const auto mark = marks_.find(handle); mark != marks_.end()) clear(mark);
}

void InHand::passed(int partition, std::int64_t committed) {
  auto mark = marks_.lower_bound({partition, 0, {}});
  while (mark != marks_.end() && mark->first.partition == partition && mark->first.offset < committed)
    clear(mark++);
}

void InHand::clear(std::map<Handle, Mark>::iterator mark) {
  if (mark->second.slot < most_slots) free_.push_back(mark->second.slot);
  if (file_) file_->clear(mark->second.slot);
  marks_.erase(mark);
}

void InHand::write(const Handle& handle, const Mark& mark, char state) {
  if (!file_) return;
  std::string line(1, state);
  for (const auto number : {std::int64_t{mark.found}, std::int64_t{mark.found_alone},
                            std::int64_t{handle.partition}, handle.offset})
    line += ' ' + std::to_string(number);
  file_->write(mark.slot, line + ' ' + handle.unit);
}

std::size_t InHand::free_slot() {
  if (free_.empty()) return most_slots;  // none
  const auto slot = free_.back();
  free_.pop_back();
  return slot;
}

}  // namespace aftercall::stage
