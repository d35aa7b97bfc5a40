#include "http/visit.hpp"

#include <cstdint>
#include <limits>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "http/outgoing.hpp"

namespace aftercall::http {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

class ServerTls {
 public:
  asio::ssl::context context{asio::ssl::context::tls_server};
};

std::shared_ptr<ServerTls> open_server_tls(const std::string& cert_file, const std::string& key_file) {
  if (cert_file.empty() && key_file.empty()) return nullptr;
  auto tls = std::make_shared<ServerTls>();
  SSL_CTX_set_min_proto_version(tls->context.native_handle(), TLS1_2_VERSION);
  error_code error;
  tls->context.use_certificate_chain_file(cert_file, error);
  if (error) throw std::runtime_error("cannot use cert_file " + cert_file + ": " + error.message());
  tls->context.use_private_key_file(key_file, asio::ssl::context::pem, error);
  if (error) throw std::runtime_error("cannot use key_file " + key_file + ": " + error.message());
  return tls;
}

namespace {

// After an early answer the rest of a body is read this far, so that the visitor sees the answer instead of a
// reset.
constexpr std::size_t rest_bytes = 1024UL * 1024;
constexpr auto rest_time = std::chrono::seconds(1);
// Beside a header: what one read brings. A bound, because a chunk's own header may be endless, too.
constexpr std::size_t read_ahead = 64UL * 1024;

using Parser = bhttp::request_parser<bhttp::string_body>;
using Answer = bhttp::response<bhttp::string_body>;

Request request_of(Parser& parser, std::string peer) {
  auto message = parser.release();
  Request request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message)
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(message.body());
  request.peer = std::move(peer);
  return request;
}

bool is_framing(std::string_view name) {
  return same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding") ||
         same_name(name, "Connection");
}

Answer answer_of(Response response, bool head, bool keep_alive) {
  Answer answer;
  answer.version(11);
  answer.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers)
    if (is_token(name) && is_field_value(value) && !is_framing(name)) answer.insert(name, value);
  answer.keep_alive(keep_alive);
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) answer.content_length(response.body.size());
  if (!bodiless && !head) answer.body() = std::move(response.body);
  return answer;
}

Response plain(int status, std::string text) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(text) + "\n";
  return response;
}

template <class Stream>
class Over final : public Visit {
 public:
  Over(Stream stream, std::shared_ptr<ServerTls> tls, std::shared_ptr<const ServerSettings> settings,
       std::shared_ptr<const Handler> handler)
      : tls_(std::move(tls)),
        settings_(std::move(settings)),
        handler_(std::move(handler)),
        stream_(std::move(stream)),
        buffer_(settings_->header_limit + read_ahead) {
    error_code unknown;
    const auto endpoint = socket().socket().remote_endpoint(unknown);
    if (!unknown) peer_ = endpoint.address().to_string();
  }

  asio::awaitable<void> serve() override {
    error_code error;
    if constexpr (!std::is_same_v<Stream, beast::tcp_stream>) {
      socket().expires_after(settings_->request);
      co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                       asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
    }
    for (bool more = true; more;) more = co_await serve_one();
    co_await leave();
  }

  asio::awaitable<void> refuse() override {
    Response full = plain(503, "too many connections");
    full.headers.add("Retry-After", "1");
    co_await answer(std::move(full), false, false);
    co_await leave();
  }

  void drain() override {
    draining_ = true;
    if (waiting_) close();
  }

  void close() override { socket().close(); }

 private:
  beast::tcp_stream& socket() { return beast::get_lowest_layer(stream_); }

  // One request and its answer; whether another one may follow.
  asio::awaitable<bool> serve_one() {
    const bool arrived = co_await await_first_byte();
    if (!arrived) co_return false;
    socket().expires_after(settings_->request);
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(settings_->header_limit));
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());  // judged below (1.74 takes none for 0)
    error_code error;
    co_await bhttp::async_read_header(stream_, buffer_, parser,
                                      asio::redirect_error(asio::use_awaitable, error));
    if (!error) error = co_await read_body(parser);
    if (error) {
      co_await complain(error);
      co_return false;
    }
    const bool keep_alive = parser.keep_alive();
    const bool head = parser.get().method() == bhttp::verb::head;
    Request request = request_of(parser, peer_);
    Response response = co_await handle(std::move(request));
    const bool more = keep_alive && !draining_;
    const bool taken = co_await answer(std::move(response), head, more);
    co_return taken&& more && !draining_;
  }

  asio::awaitable<bool> await_first_byte() {
    if (buffer_.size() > 0) co_return !draining_;  // of a request sent behind the one before
    if (draining_) co_return false;
    socket().expires_after(settings_->idle);
    error_code error;
    const auto room = buffer_.prepare(4096);
    waiting_ = true;
    const auto got = co_await stream_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    waiting_ = false;
    buffer_.commit(got);
    co_return !error && got > 0;
  }

  asio::awaitable<error_code> read_body(Parser& parser) {
    const auto announced = parser.content_length();
    if (announced && *announced > settings_->body_limit) co_return error_code(bhttp::error::body_limit);
    parser.body_limit(settings_->body_limit);
    error_code error;
    const auto expect = parser.get()[bhttp::field::expect];
    if (!expect.empty() && !parser.is_done()) {
      if (!beast::iequals(expect, "100-continue")) co_return error_code(bhttp::error::bad_value);
      static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      const auto text = asio::buffer(go_on.data(), go_on.size());
      co_await asio::async_write(stream_, text, asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return error;
    }
    co_await bhttp::async_read(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }

  asio::awaitable<Response> handle(Request request) {
    Response response;
    try {
      response = co_await (*handler_)(std::move(request));
    } catch (const std::exception& bug) {
      if (settings_->threw) settings_->threw(bug);
      response = plain(500, "internal error");
    }
    co_return response;
  }

  asio::awaitable<bool> answer(Response response, bool head, bool keep_alive) {
    const Answer message = answer_of(std::move(response), head, keep_alive);
    bhttp::serializer<false, bhttp::string_body> serializer(message);
    socket().expires_after(settings_->answer);
    error_code error;
    if (head) {
      co_await bhttp::async_write_header(stream_, serializer,
                                         asio::redirect_error(asio::use_awaitable, error));
    } else {
      co_await bhttp::async_write(stream_, serializer, asio::redirect_error(asio::use_awaitable, error));
    }
    co_return !error;
  }

  // The answer to what could not be read as a request; none to who left or was too slow.
  asio::awaitable<void> complain(error_code error) {
    Response response;
    if (error == bhttp::error::body_limit) {
      response = settings_->too_large ? settings_->too_large() : plain(413, "body too large");
    } else if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) {
      response = plain(431, "header too large");
    } else if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message ||
               error.category() != bhttp::make_error_code(bhttp::error::bad_value).category()) {
      co_return;
    } else {
      response = plain(400, "not a valid HTTP/1.1 request");
    }
    co_await answer(std::move(response), false, false);
  }

  // Closing a socket that holds unread bytes resets it, and the visitor's system may then throw away the
  // answer it has not read yet. So: say that no more comes, read a bounded rest, close.
  asio::awaitable<void> leave() {
    error_code error;
    if (!socket().socket().is_open()) co_return;
    socket().expires_after(rest_time);
    if constexpr (!std::is_same_v<Stream,
                                  beast::tcp_stream>)  // so that an answer cut short can be told from this
      co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    if (!socket().socket().is_open()) co_return;
    socket().socket().shutdown(tcp::socket::shutdown_send, error);
    error = {};
    for (std::size_t read = 0; read < rest_bytes && !error;) {
      buffer_.clear();
      const auto room = buffer_.prepare(16 * 1024);
      const auto got =
          co_await socket().async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
      read += got;
    }
    socket().close();
  }

  std::shared_ptr<ServerTls> tls_;
  std::shared_ptr<const ServerSettings> settings_;
  std::shared_ptr<const Handler> handler_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::string peer_;
  bool waiting_ = false;  // for a request's first byte
  bool draining_ = false;
};

}  // namespace

std::shared_ptr<Visit> make_visit(tcp::socket socket, std::shared_ptr<ServerTls> tls,
                                  std::shared_ptr<const ServerSettings> settings,
                                  std::shared_ptr<const Handler> handler) {
  using Secure = beast::ssl_stream<beast::tcp_stream>;
  beast::tcp_stream stream(std::move(socket));
  if (!tls)
    return std::make_shared<Over<beast::tcp_stream>>(std::move(stream), tls, std::move(settings),
                                                     std::move(handler));
  Secure secure(std::move(stream), tls->context);
  return std::make_shared<Over<Secure>>(std::move(secure), tls, std::move(settings), std::move(handler));
}

}  // namespace aftercall::http
