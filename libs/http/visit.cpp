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

#include "http/visit_message.hpp"

namespace aftercall::http {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

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

// One connection from its first byte to its last. It stays in one file although it is long: each further one
// would compile Beast with TLS once more.
template <class Stream>
class Over final : public Visit {
 public:
  Over(Stream stream, std::shared_ptr<ServerTls> tls, std::shared_ptr<const ServerSettings> settings,
       std::shared_ptr<const Handler> handler, std::shared_ptr<Bodies> bodies)
      : tls_(std::move(tls)),
        settings_(std::move(settings)),
        handler_(std::move(handler)),
        bodies_(std::move(bodies)),
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
    Response full = plain_later("too many connections");
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
    VisitParser parser;
    parser.header_limit(static_cast<std::uint32_t>(settings_->header_limit));
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());  // judged below (1.74 takes none for 0)
    error_code error;
    co_await bhttp::async_read_header(stream_, buffer_, parser,
                                      asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      co_await complain(error);
      co_return false;
    }
    Request request = request_of(parser.get(), peer_);
    Admission admission = admit(request);
    bool keep_alive = parser.keep_alive();
    const bool head = parser.get().method() == bhttp::verb::head;
    Response response;
    Bodies::Held held(bodies_, std::move(admission.whose));
    if (admission.answer) {
      keep_alive = keep_alive && parser.is_done();
      response = std::move(*admission.answer);
    } else {
      error = co_await read_body(parser, held);
      if (error) {
        co_await complain(error);
        co_return false;
      }
      request.body = std::move(parser.get().body());
      response = co_await handle(std::move(request));
    }
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

  asio::awaitable<error_code> read_body(VisitParser& parser, Bodies::Held& held) {
    const auto announced = parser.content_length();
    if (announced && *announced > settings_->body_limit) co_return error_code(bhttp::error::body_limit);
    if (announced && !held.grow_to(*announced)) co_return no_room();
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
    parser.eager(true);
    while (!error && !parser.is_done()) {
      co_await bhttp::async_read_some(stream_, buffer_, parser,
                                      asio::redirect_error(asio::use_awaitable, error));
      if (!error && !held.grow_to(parser.get().body().size())) error = no_room();
    }
    co_return error;
  }

  Admission admit(const Request& head) {
    Admission admission;
    try {
      if (settings_->admit) admission = settings_->admit(head);
    } catch (const std::exception& bug) {
      admission.answer = failed(bug);
    }
    return admission;
  }

  asio::awaitable<Response> handle(Request request) {
    Response response;
    try {
      response = co_await (*handler_)(std::move(request));
    } catch (const std::exception& bug) {
      response = failed(bug);
    }
    co_return response;
  }

  Response failed(const std::exception& bug) {
    if (settings_->threw) settings_->threw(bug);
    return plain(500, "internal error");
  }

  asio::awaitable<bool> answer(Response response, bool head, bool keep_alive) {
    const VisitAnswer message = answer_of(std::move(response), head, keep_alive);
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

  asio::awaitable<void> complain(error_code error) {
    auto response = complaint_of(error, *settings_);
    if (!response) co_return;
    co_await answer(std::move(*response), false, false);
  }

  // Closing a socket that holds unread bytes resets it, and the visitor's system may then throw away the
  // answer it has not read yet. So: say that no more comes, read a bounded rest, close.
  asio::awaitable<void> leave() {
    error_code error;
    if (!socket().socket().is_open()) co_return;
    socket().expires_after(rest_time);
    // So that an answer cut short can be told from this.
    if constexpr (!std::is_same_v<Stream, beast::tcp_stream>)
      co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    if (!socket().socket().is_open()) co_return;
    socket().socket().shutdown(tcp::socket::shutdown_send, error);
    error = {};
    for (std::size_t read = 0; read < rest_bytes && !error;) {
      buffer_.clear();
      const auto room = buffer_.prepare(std::size_t{16} * 1024);
      const auto got =
          co_await socket().async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
      read += got;
    }
    socket().close();
  }

  std::shared_ptr<ServerTls> tls_;
  std::shared_ptr<const ServerSettings> settings_;
  std::shared_ptr<const Handler> handler_;
  std::shared_ptr<Bodies> bodies_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::string peer_;
  bool waiting_ = false;  // for a request's first byte
  bool draining_ = false;
};

}  // namespace

std::shared_ptr<Visit> make_visit(tcp::socket socket, std::shared_ptr<ServerTls> tls,
                                  std::shared_ptr<const ServerSettings> settings,
                                  std::shared_ptr<const Handler> handler, std::shared_ptr<Bodies> bodies) {
  using Secure = beast::ssl_stream<beast::tcp_stream>;
  beast::tcp_stream stream(std::move(socket));
  if (!tls)
    return std::make_shared<Over<beast::tcp_stream>>(std::move(stream), tls, std::move(settings),
                                                     std::move(handler), std::move(bodies));
  Secure secure(std::move(stream), tls->context);
  return std::make_shared<Over<Secure>>(std::move(secure), tls, std::move(settings), std::move(handler),
                                        std::move(bodies));
}

}  // namespace aftercall::http
