#include "stage/in_hand.hpp"

#include <fcntl.h>
#include <sys/file.h>
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

// What was found and never came back (its partition went elsewhere) is forgotten beyond this many.
constexpr std::size_t most_remembered = 4096;

}  // namespace

class InHand::File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // A slot that could not be written guards nothing this time; the work itself is not worth stopping for.
  void write(std::size_t slot, std::string line) const {
    line.resize(slot_bytes - 1, ' ');
    line.push_back('\n');
    [[maybe_unused]] const auto written =
        ::pwrite(descriptor_, line.data(), line.size(), static_cast<off_t>(slot * slot_bytes));
  }

  std::string read() const {
    std::string contents;
    std::string piece(slot_bytes * 64, '\0');
    ssize_t got = 0;
    while ((got = ::pread(descriptor_, piece.data(), piece.size(), static_cast<off_t>(contents.size()))) >
               0 &&
           contents.size() < slot_bytes * most_remembered)
      contents.append(piece, 0, static_cast<std::size_t>(got));
    return contents;
  }

 private:
  int descriptor_;
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
  auto file = std::make_unique<File>(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return refuse("is held by another process");
  InHand guard(std::move(file));
  guard.restore(guard.file_->read());
  return guard;
}

void InHand::restore(const std::string& contents) {
  for (std::size_t at = 0; at < contents.size(); at += slot_bytes) {
    const std::size_t slot = slots_++;
    std::istringstream words(contents.substr(at, slot_bytes));
    char state = ' ';
    Mark mark{.slot = slot};
    Handle handle;
    const bool whole = static_cast<bool>(words >> state >> mark.found >> mark.found_alone >>
                                         handle.partition >> handle.offset);
    if (!whole || (state != in_hand && state != alone && state != remembered)) {
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
  free_.push_back(mark->second.slot);
  if (file_) file_->write(mark->second.slot, "");
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
  if (free_.empty()) return slots_++;
  const auto slot = free_.back();
  free_.pop_back();
  return slot;
}

}  // namespace aftercall::stage
