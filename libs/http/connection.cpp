#include <utility>

#include <sys/socket.h>

#include <array>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "http/connection.hpp"
#include "http/resolve.hpp"

namespace aftercall::http {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

class Tls {
 public:
  asio::ssl::context context{asio::ssl::context::tls_client};
};

std::shared_ptr<Tls> open_tls(const std::string& ca_file) {
  auto tls = std::make_shared<Tls>();
  tls->context.set_default_verify_paths();
  tls->context.set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX_set_min_proto_version(tls->context.native_handle(), TLS1_2_VERSION);
  // Else a server may take us for an HTTP/2 client.
  static constexpr std::array<unsigned char, 9> http11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(tls->context.native_handle(), http11.data(), http11.size());
  error_code error;
  if (!ca_file.empty()) tls->context.load_verify_file(ca_file, error);
  if (error) throw std::runtime_error("cannot use ca_file " + ca_file + ": " + error.message());
  return tls;
}

namespace {

constexpr std::size_t read_ahead = 64UL * 1024;  // beside a header: what one read brings
constexpr int informational_answers = 8;         // 1xx before the answer proper; more is no HTTP server

using Message = bhttp::request<bhttp::string_body>;
using Parser = bhttp::response_parser<bhttp::string_body>;

Message message_of(Request request, const Url& url) {
  Message message;
  message.version(11);
  message.method_string(request.method);
  message.target(url.target);
  message.set(bhttp::field::host, url.authority());
  for (const auto& [name, value] : request.headers) message.insert(name, value);
  const bool states_length = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (states_length || !request.body.empty()) message.content_length(request.body.size());
  message.body() = std::move(request.body);
  return message;
}

Response response_of(Parser& parser) {
  auto message = parser.release();
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message)
    response.headers.add(std::string(field.name_string()), std::string(field.value()));
  response.body = std::move(message.body());
  return response;
}

// The request was (or may have been) sent. Names the origin only: a path may hold personal data.
tl::unexpected<Failure> lost(const error_code& error, const Url& url) {
  if (error == beast::error::timeout) return fail(Cause::Timeout, "no answer in time from " + url.origin());
  if (error == bhttp::error::body_limit || error == bhttp::error::header_limit ||
      error == bhttp::error::buffer_overflow)
    return fail(Cause::ServerError, "answer too long from " + url.origin());
  return fail(Cause::ServerError, "no whole answer from " + url.origin() + ": " + error.message());
}

tl::unexpected<Failure> unreachable(const error_code& error, const Url& url, std::string_view what) {
  const auto why = error == beast::error::timeout ? std::string("timed out") : error.message();
  return fail(Cause::Unreachable, std::string(what) + " " + url.origin() + ": " + why);
}

template <class Stream>
class Over final : public Connection {
 public:
  template <class... Arguments>
  Over(const asio::any_io_executor& executor, const ClientSettings& settings, Arguments&... arguments)
      : settings_(settings),
        lookup_(std::make_shared<Lookup>(executor)),
        stream_(executor, arguments...),
        buffer_(settings.response_header + read_ahead) {}

  asio::awaitable<Result<void>> open(Url url, Deadline deadline) override {
    const auto endpoints = co_await resolve(lookup_, url.host, url.port, deadline);
    if (!endpoints) co_return tl::unexpected(endpoints.error());
    error_code error = asio::error::host_not_found;
    for (std::size_t i = 0; i < endpoints->size() && error && !closed_; ++i) {
      const auto now = steady_clock::now();
      const auto left = static_cast<std::int64_t>(endpoints->size() - i);
      socket().expires_at(now + (deadline - now) / left);  // one dead address must not eat the others' time
      co_await socket().async_connect((*endpoints)[i], asio::redirect_error(asio::use_awaitable, error));
    }
    if (closed_) error = asio::error::operation_aborted;
    if (error) co_return unreachable(error, url, "cannot connect to");
    socket().socket().set_option(tcp::no_delay(true), error);
    error = {};
    if constexpr (!std::is_same_v<Stream, beast::tcp_stream>) {
      socket().expires_at(deadline);
      prepare_tls(url.host);
      co_await stream_.async_handshake(asio::ssl::stream_base::client,
                                       asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return unreachable(error, url, "no TLS with");
    }
    co_return Result<void>{};
  }

  asio::awaitable<Exchange> exchange(Request request, Url url, Deadline deadline) override {
    const bool head = request.method == "HEAD";
    const auto message = message_of(std::move(request), url);
    socket().expires_at(deadline);
    error_code write_error;
    co_await bhttp::async_write(stream_, message, asio::redirect_error(asio::use_awaitable, write_error));
    if (write_error == beast::error::timeout) co_return Exchange{lost(write_error, url)};
    // A server may refuse before it has read everything: then its answer counts, not that we could not
    // finish.
    std::optional<Parser> parser;
    error_code error;
    for (int i = 0; i < informational_answers; ++i) {
      parser.emplace();
      parser->header_limit(static_cast<std::uint32_t>(settings_.response_header));
      parser->body_limit(settings_.response_body);
      parser->skip(head);
      co_await bhttp::async_read_header(stream_, buffer_, *parser,
                                        asio::redirect_error(asio::use_awaitable, error));
      if (error || parser->get().result_int() >= 200) break;
      error = bhttp::error::bad_status;
    }
    if (!error)
      co_await bhttp::async_read(stream_, buffer_, *parser, asio::redirect_error(asio::use_awaitable, error));
    Exchange end;
    end.answered = parser->got_some() || buffer_.size() > 0;
    end.response =
        error ? Result<Response>(lost(write_error ? write_error : error, url)) : Result<Response>();
    if (error) co_return end;
    end.reusable = parser->keep_alive() && !write_error && buffer_.size() == 0;
    end.response = response_of(*parser);
    socket().expires_never();
    co_return end;
  }

  bool quiet() override {
    char byte = 0;
    const auto got = ::recv(socket().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void close() override {
    closed_ = true;
    lookup_->cancel();
    socket().close();
  }

 private:
  beast::tcp_stream& socket() { return beast::get_lowest_layer(stream_); }

  void prepare_tls(const std::string& host) {
    error_code is_name;
    asio::ip::make_address(host, is_name);
    if (is_name) SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str());  // SNI knows no addresses
    stream_.set_verify_callback(asio::ssl::host_name_verification(host));
  }

  const ClientSettings settings_;
  std::shared_ptr<Lookup> lookup_;
  Stream stream_;
  beast::flat_buffer buffer_;
  bool closed_ = false;
};

}  // namespace

std::shared_ptr<Connection> make_connection(const asio::any_io_executor& executor,
                                            const ClientSettings& settings, const std::shared_ptr<Tls>& tls,
                                            const Url& url) {
  if (url.scheme == "http") return std::make_shared<Over<beast::tcp_stream>>(executor, settings);
  return std::make_shared<Over<beast::ssl_stream<beast::tcp_stream>>>(executor, settings, tls->context);
}

}  // namespace aftercall::http
