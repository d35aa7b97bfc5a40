#pragma once
#include <functional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "bus/reader.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::tenancy {

namespace asio = boost::asio;

// Keeps a directory at what tenant.config says. `reader` reads that topic's one partition from its beginning;
// both outlive this. In a main:
//   co_await following.restore(deadline);   // before the stage subscribes: no event meets an unknown tenant
//   host.spawn("config", following.run());  // from then on
class Following {
 public:
  using Apply = std::function<Applied(const Record& record)>;
  Following(Directory& directory, bus::Reader& reader);
  Following(std::string topic, Apply apply, bus::Reader& reader)
      : topic_(std::move(topic)), apply_(std::move(apply)), reader_(reader) {}

  // To the end that the topic had when this was called. Kafka being away is waited for, up to the deadline.
  asio::awaitable<Result<void>> restore(bus::Deadline deadline);
  asio::awaitable<void> run();  // ends after stop()
  void stop() { stopping_ = true; }
  bool restored() const { return restored_; }  // for /readyz

  // While run() is at work: returns when everything that the topic holds now has been applied.
  asio::awaitable<Result<void>> catch_up(bus::Deadline deadline);

  // Called after each record, with what became of it.
  using Watch = std::function<void(const Record& record, Applied applied)>;
  void watch(Watch watch) { watch_ = std::move(watch); }

 private:
  asio::awaitable<Result<void>> read_some(bus::Deadline deadline);

  std::string topic_;  // for what is told
  Apply apply_;
  bus::Reader& reader_;
  Watch watch_;
  bool restored_ = false;
  bool stopping_ = false;
};

}  // namespace aftercall::tenancy
