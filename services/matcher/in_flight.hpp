#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "matcher/remembered.hpp"

namespace aftercall::matcher {

namespace asio = boost::asio;

// Which identities a CRM is being asked about at this moment: two sessions of one person that come together
// need one look. Used by one thread.
class InFlight {
 public:
  explicit InFlight(asio::any_io_executor executor);

  // What its holder is asking; who waits for it hears when the holder lets go of it.
  class Claim {
   public:
    Claim(Claim&&) noexcept = default;
    Claim& operator=(Claim&&) = delete;
    ~Claim();

   private:
    friend class InFlight;
    using Keys = std::vector<std::pair<Sight, std::string>>;
    Claim(std::shared_ptr<struct Asked> asked, Keys keys)
        : asked_(std::move(asked)), keys_(std::move(keys)) {}
    std::shared_ptr<struct Asked> asked_;
    Keys keys_;
  };
  // Those of the identities that nobody has claimed yet.
  Claim claim(const Sight& sight, const std::vector<std::string>& identities);
  bool asked(const Sight& sight, const std::string& identity) const;

  // Until none of them is being asked about, or so long.
  asio::awaitable<void> wait(Sight sight, std::vector<std::string> identities,
                             std::chrono::steady_clock::time_point until);

 private:
  std::shared_ptr<struct Asked> asked_;
};

}  // namespace aftercall::matcher
