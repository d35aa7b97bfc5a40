#pragma once
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace load {

namespace asio = boost::asio;
using asio::ip::tcp;

// One HTTP/1.1 message with a Content-Length, as raw as it may be: the measuring must cost less than what it
// measures.
struct Message {
  std::string head;  // start line and headers, with the blank line behind them
  std::string body;
};

std::string_view start_line(const Message& message);
std::string_view header(std::string_view head, std::string_view lower_case_name);  // empty: not there

// For co_spawn: what a task throws comes out of run(), and main says it.
inline constexpr auto ends_all = [](const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
};

// A connection that keeps what it has read too much.
struct Wire {
  explicit Wire(tcp::socket connected) : socket(std::move(connected)) {}
  tcp::socket socket;
  std::string ahead;
};
using WirePtr = std::shared_ptr<Wire>;

// False: the other side has gone, or sent what is no message.
asio::awaitable<bool> read(WirePtr wire, Message* message);
asio::awaitable<bool> write(WirePtr wire, const std::string* bytes);
asio::awaitable<WirePtr> connect(tcp::endpoint endpoint);  // nothing: refused

tcp::endpoint endpoint_of(const std::string& host_and_port);

using Answering = std::function<asio::awaitable<std::string>(const Message&)>;
// Answers on a free loopback port until the process ends; returns the port.
unsigned short serve(asio::io_context& context, Answering answer);

std::string response(std::string_view status, std::string_view headers, std::string_view body);

}  // namespace load
