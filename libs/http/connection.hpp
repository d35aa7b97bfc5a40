#pragma once
#include <memory>
#include <string>
#include <utility>

#include "http/client.hpp"
#include "http/url.hpp"

// Of http/ alone: one connection of the client, with or without TLS.
namespace aftercall::http {

class Tls;  // roots and rules of verification, shared by all connections
std::shared_ptr<Tls> open_tls(const std::string& ca_file);

// How an exchange ended.
struct Exchange {
  Result<Response> response;
  bool answered = false;  // a byte of an answer arrived
  bool reusable = false;
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual asio::awaitable<Result<void>> open(Url url, Deadline deadline) = 0;
  virtual asio::awaitable<Exchange> exchange(Request request, Url url, Deadline deadline) = 0;
  // Nothing has arrived since the last exchange: neither the other side's goodbye nor bytes nobody asked for.
  virtual bool quiet() = 0;
  virtual void close() = 0;  // what is under way ends with an error
};

std::shared_ptr<Connection> make_connection(const asio::any_io_executor& executor,
                                            const ClientSettings& settings, const std::shared_ptr<Tls>& tls,
                                            const Url& url);

}  // namespace aftercall::http
