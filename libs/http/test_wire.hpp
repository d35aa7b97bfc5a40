#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

// For tests: the other side of a connection, byte by byte, with plain blocking sockets. It shares no code
// with what it tests.
namespace aftercall::http {

class Wire {
 public:
  explicit Wire(int handle) : handle_(handle) {
    const timeval patience{10, 0};
    setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(handle_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  static Wire to(unsigned short port) {
    const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Wire wire(handle);
    wire.connected_ = ::connect(handle, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    return wire;
  }
  ~Wire() { close(); }
  Wire(Wire&& other) noexcept : handle_(std::exchange(other.handle_, -1)), connected_(other.connected_) {}
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  Wire& operator=(Wire&&) = delete;

  bool connected() const { return connected_; }
  bool write(std::string_view text) const {
    while (!text.empty()) {
      const auto sent = ::send(handle_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // One message: its head and as much body as Content-Length says; less when the other side ends.
  std::string read_message() {
    while (read_.find("\r\n\r\n") == std::string::npos && more()) continue;
    const auto head = read_.find("\r\n\r\n");
    if (head == std::string::npos) return std::exchange(read_, {});
    std::size_t length = 0;
    if (const auto at = read_.find("Content-Length: "); at < head)
      std::from_chars(read_.data() + at + 16, read_.data() + head, length);
    while (read_.size() < head + 4 + length && more()) continue;
    std::string message = read_.substr(0, head + 4 + length);
    read_.erase(0, message.size());
    return message;
  }
  std::string read_all() {  // until the other side ends
    while (more()) continue;
    return std::exchange(read_, {});
  }
  bool broke() const { return broke_; }  // the other side did not end in order
  void finish() const { ::shutdown(handle_, SHUT_WR); }
  void close() {
    if (handle_ >= 0) ::close(handle_);
    handle_ = -1;
  }

 private:
  bool more() {
    std::array<char, 16384> some;
    const auto got = ::recv(handle_, some.data(), some.size(), 0);
    broke_ = broke_ || got < 0;
    if (got > 0) read_.append(some.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  int handle_;
  bool connected_ = true;
  bool broke_ = false;
  std::string read_;
};

// A server that behaves as a test says, one connection after the other.
class Peer {
 public:
  using Behaviour =
      std::function<void(Wire& wire, int nth)>;  // nth connection, from 1; it is closed afterwards
  explicit Peer(Behaviour behaviour) : listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    static_cast<void>(::bind(listening_, reinterpret_cast<sockaddr*>(&address), length));
    ::listen(listening_, 16);
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, behaviour = std::move(behaviour)] {
      while (true) {
        const int handle = ::accept(listening_, nullptr, nullptr);
        if (handle < 0) return;
        Wire wire(handle);
        behaviour(wire, ++connections);
        wire.close();
        ++closed;
      }
    });
  }
  ~Peer() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void listen_no_more() const { ::shutdown(listening_, SHUT_RDWR); }  // who connects from now on is refused
  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  unsigned short port() const { return port_; }
  std::atomic<int> connections{0}, closed{0};

 private:
  int listening_;
  unsigned short port_ = 0;
  std::thread thread_;
};

}  // namespace aftercall::http
