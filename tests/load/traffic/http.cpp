#include "http.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace load {
namespace {

constexpr std::size_t most_head = 64UL * 1024;
constexpr std::size_t most_body = 4UL * 1024 * 1024;
constexpr std::size_t chunk = 64UL * 1024;

bool same_letters(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char left, char right) {
    return std::tolower(static_cast<unsigned char>(left)) == right;
  });
}

std::optional<std::size_t> body_size(std::string_view head) {
  const auto text = header(head, "content-length");
  std::size_t size = 0;
  if (text.empty()) return size;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size > most_body) return std::nullopt;
  return size;
}

asio::awaitable<bool> more(WirePtr wire) {
  const auto had = wire->ahead.size();
  wire->ahead.resize(had + chunk);
  boost::system::error_code error;
  const auto got = co_await wire->socket.async_read_some(asio::buffer(wire->ahead.data() + had, chunk),
                                                         asio::redirect_error(asio::use_awaitable, error));
  wire->ahead.resize(had + got);
  co_return !error;
}

asio::awaitable<void> converse(WirePtr wire, const Answering* answer) {
  Message message;
  while (true) {
    const bool whole = co_await read(wire, &message);
    if (!whole) co_return;
    const std::string bytes = co_await (*answer)(message);
    const bool written = co_await write(wire, &bytes);
    if (!written) co_return;
  }
}

asio::awaitable<void> accept(std::shared_ptr<tcp::acceptor> acceptor, Answering answer) {
  while (true) {
    auto socket = co_await acceptor->async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    auto wire = std::make_shared<Wire>(std::move(socket));
    asio::co_spawn(acceptor->get_executor(), converse(std::move(wire), &answer), ends_all);
  }
}

}  // namespace

std::string_view start_line(const Message& message) {
  return std::string_view(message.head).substr(0, message.head.find("\r\n"));
}

std::string_view header(std::string_view head, std::string_view lower_case_name) {
  for (auto line = head.find("\r\n"); line + 2 < head.size(); line = head.find("\r\n", line + 2)) {
    const auto rest = head.substr(line + 2);
    if (rest.size() <= lower_case_name.size() || rest[lower_case_name.size()] != ':') continue;
    if (!same_letters(rest.substr(0, lower_case_name.size()), lower_case_name)) continue;
    auto value = rest.substr(lower_case_name.size() + 1, rest.find("\r\n") - lower_case_name.size() - 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

asio::awaitable<bool> read(WirePtr wire, Message* message) {
  auto end = wire->ahead.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (wire->ahead.size() > most_head) co_return false;
    const bool came = co_await more(wire);
    if (!came) co_return false;
    end = wire->ahead.find("\r\n\r\n");
  }
  const auto head = end + 4;
  const auto body = body_size(std::string_view(wire->ahead).substr(0, head));
  if (!body) co_return false;
  while (wire->ahead.size() < head + *body) {
    const bool came = co_await more(wire);
    if (!came) co_return false;
  }
  message->head.assign(wire->ahead, 0, head);
  message->body.assign(wire->ahead, head, *body);
  wire->ahead.erase(0, head + *body);
  co_return true;
}

asio::awaitable<bool> write(WirePtr wire, const std::string* bytes) {
  boost::system::error_code error;
  co_await asio::async_write(wire->socket, asio::buffer(*bytes),
                             asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

asio::awaitable<WirePtr> connect(tcp::endpoint endpoint) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  boost::system::error_code error;
  co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return nullptr;
  socket.set_option(tcp::no_delay(true));
  co_return std::make_shared<Wire>(std::move(socket));
}

tcp::endpoint endpoint_of(const std::string& host_and_port) {
  const auto colon = host_and_port.rfind(':');
  if (colon == std::string::npos) throw std::invalid_argument("no host:port: " + host_and_port);
  const auto port = static_cast<unsigned short>(std::stoul(host_and_port.substr(colon + 1)));
  return {asio::ip::make_address(host_and_port.substr(0, colon)), port};
}

unsigned short serve(asio::io_context& context, Answering answer) {
  auto acceptor =
      std::make_shared<tcp::acceptor>(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const auto port = acceptor->local_endpoint().port();
  asio::co_spawn(context, accept(std::move(acceptor), std::move(answer)), ends_all);
  return port;
}

std::string response(std::string_view status, std::string_view headers, std::string_view body) {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\n").append(headers);
  if (status != "204 No Content")
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  return text.append("\r\n").append(body);
}

}  // namespace load
