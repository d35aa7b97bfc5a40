#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>

#include "http/bodies.hpp"
#include "http/server.hpp"

// Of http/ alone: one connection of the server, with or without TLS.
namespace aftercall::http {

class ServerTls;
// Throws std::runtime_error that names the file that cannot be used.
std::shared_ptr<ServerTls> open_server_tls(const std::string& cert_file, const std::string& key_file);

class Visit {
 public:
  virtual ~Visit() = default;
  virtual asio::awaitable<void> serve() = 0;   // until the visitor leaves, is too slow, or we drain
  virtual asio::awaitable<void> refuse() = 0;  // says that we are full
  virtual void drain() = 0;  // ends it if it is between two requests, else after the one in hand
  virtual void close() = 0;  // now
};

std::shared_ptr<Visit> make_visit(asio::ip::tcp::socket socket, std::shared_ptr<ServerTls> tls,
                                  std::shared_ptr<const ServerSettings> settings,
                                  std::shared_ptr<const Handler> handler, std::shared_ptr<Bodies> bodies);

}  // namespace aftercall::http
