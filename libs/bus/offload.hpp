#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "bus/answer.hpp"
#include "bus/deadline.hpp"

namespace aftercall::bus {

// A thread for the few calls of librdkafka that can only block (metadata, ends of partitions, where a group
// stands). They are made in slices, so that the destructor, which waits for the thread, takes no longer than
// one.
class Offload {
 public:
  explicit Offload(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Offload(const Offload&) = delete;
  Offload& operator=(const Offload&) = delete;
  ~Offload() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    stopped_.notify_all();
    thread_.join();
  }

  // How long the next slice may block; 0 = give up, the deadline has come or we are being destroyed.
  int slice(Deadline deadline) const {
    if (stopping_) return 0;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000));
  }

  // Between two tries; ends at once when we are being destroyed.
  void pause(std::chrono::milliseconds time) const {
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, time, [this] { return stopping_.load(); });
  }

  // Calls work() on the thread; what it returns is returned here.
  template <class T, class Work>
  asio::awaitable<T> run(Work work) {
    // Tracked: without it the executor would run out of work, and end, while the thread is busy.
    const asio::any_io_executor back = asio::prefer(executor_, asio::execution::outstanding_work_t::tracked);
    return wait_for<T>(back, [this, work = std::move(work)](Answer<T> answer) mutable {
      asio::post(thread_, [work = std::move(work), answer = std::move(answer)]() mutable { answer(work()); });
    });
  }

  // For who does not wait: `then` is called with the result on the executor, unless we are gone by then.
  template <class Work, class Then>
  void start(Work work, Then then) {
    const asio::any_io_executor back = asio::prefer(executor_, asio::execution::outstanding_work_t::tracked);
    asio::post(thread_, [back, work = std::move(work), then = std::move(then),
                         here = std::weak_ptr<const bool>(here_)]() mutable {
      asio::post(back, [result = work(), then = std::move(then), here = std::move(here)]() mutable {
        if (here.lock()) then(std::move(result));
      });
    });
  }

 private:
  asio::any_io_executor executor_;
  std::shared_ptr<const bool> here_ = std::make_shared<const bool>(true);
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  mutable std::condition_variable stopped_;
  asio::thread_pool thread_{1};
};

}  // namespace aftercall::bus
