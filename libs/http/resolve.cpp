#include "http/resolve.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aftercall::http {
namespace {

using asio::ip::tcp;

void start(const std::shared_ptr<Lookup>& lookup, const std::string& host, std::uint16_t port) {
  lookup->resolver.async_resolve(
      host, std::to_string(port), tcp::resolver::numeric_service,
      [lookup](const boost::system::error_code& error, const tcp::resolver::results_type& found) {
        lookup->error = error;
        for (const auto& each : found) lookup->endpoints.push_back(each.endpoint());
        lookup->ended.cancel();
      });
}

}  // namespace

asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve(std::shared_ptr<Lookup> lookup, std::string host,
                                                            std::uint16_t port, Deadline deadline) {
  boost::system::error_code no_address;
  const auto literal = asio::ip::make_address(host, no_address);
  if (!no_address) co_return std::vector{tcp::endpoint(literal, port)};
  lookup->ended.expires_at(deadline);
  start(lookup, host, port);
  boost::system::error_code ignored;  // cancelled or expired: `error` says which
  co_await lookup->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (lookup->error)
    co_return fail(Cause::Unreachable, "cannot resolve " + host + ": " + lookup->error.message());
  co_return lookup->endpoints;
}

}  // namespace aftercall::http
