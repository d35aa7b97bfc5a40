#include "http/client.hpp"

#include <algorithm>
#include <list>
#include <optional>
#include <set>

#include "http/connection.hpp"
#include "http/outgoing.hpp"

namespace aftercall::http {

using std::chrono::steady_clock;
using Held = std::shared_ptr<Connection>;

struct Client::Pool {
  struct Idle {
    std::string origin;
    Held connection;
    Deadline since;
  };

  asio::any_io_executor executor;
  ClientSettings settings;
  std::shared_ptr<Tls> tls;
  std::list<Idle> idle;  // the oldest first
  std::set<Held> busy;
  std::size_t opened = 0, reused = 0;
  bool closed = false;

  void drop_stale() {
    const auto oldest = steady_clock::now() - settings.idle;
    while (!idle.empty() && idle.front().since < oldest) idle.pop_front();
  }

  // The one used last, which is the least likely to be closed by the other side.
  Held take(const std::string& origin) {
    drop_stale();
    for (auto each = idle.rbegin(); each != idle.rend(); ++each) {
      if (each->origin != origin) continue;
      Held found = std::move(each->connection);
      idle.erase(std::next(each).base());
      if (found->quiet()) return found;
      return take(origin);
    }
    return nullptr;
  }

  void keep(const std::string& origin, Held connection) {
    drop_stale();
    const auto same = [&](const Idle& each) { return each.origin == origin; };
    if (closed ||
        static_cast<std::size_t>(std::count_if(idle.begin(), idle.end(), same)) >= settings.idle_per_origin)
      return;
    idle.push_back({origin, std::move(connection), steady_clock::now()});
    if (idle.size() > settings.idle_connections) idle.pop_front();
  }

  // The part of a send that a closing client can reach.
  class Work {
   public:
    Work(std::shared_ptr<Pool> pool, Held connection)
        : pool_(std::move(pool)), connection_(std::move(connection)) {
      pool_->busy.insert(connection_);
    }
    ~Work() { pool_->busy.erase(connection_); }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

   private:
    std::shared_ptr<Pool> pool_;
    Held connection_;
  };

  static asio::awaitable<Exchange> exchange(std::shared_ptr<Pool> pool, Held connection, Request request,
                                            Url url, Deadline deadline) {
    const Work work(pool, connection);
    Exchange end = co_await connection->exchange(std::move(request), url, deadline);
    if (end.reusable) pool->keep(url.origin(), connection);
    co_return end;
  }

  static asio::awaitable<Result<Held>> open(std::shared_ptr<Pool> pool, Url url, Deadline deadline) {
    Held connection = make_connection(pool->executor, pool->settings, pool->tls, url);
    const Work work(pool, connection);
    const auto latest = std::min(deadline, steady_clock::now() + pool->settings.connect);
    const auto opened = co_await connection->open(url, latest);
    if (!opened) co_return tl::unexpected(opened.error());
    ++pool->opened;
    co_return connection;
  }

  static asio::awaitable<Result<Response>> send(std::shared_ptr<Pool> pool, Request request, Url url,
                                                Deadline deadline) {
    const bool repeatable = request.repeatable || request.method == "GET" || request.method == "HEAD";
    std::optional<Failure>
        before;  // how the first sending ended: no failure after it may say that nothing left
    if (Held pooled = pool->take(url.origin())) {
      ++pool->reused;
      Exchange end = co_await exchange(pool, std::move(pooled), request, url, deadline);
      // The other side may have closed it just as we wrote; whether it read anything, nobody knows.
      const bool stale = !end.response && !end.answered && end.response.error().cause != Cause::Timeout;
      if (!stale || !repeatable || pool->closed) co_return std::move(end.response);
      before = std::move(end.response.error());
    }
    auto fresh = co_await open(pool, url, deadline);
    if (!fresh) co_return tl::unexpected(before.value_or(fresh.error()));
    if (pool->closed || steady_clock::now() >= deadline) {
      Failure late{Cause::Unreachable, "no time left to ask " + url.origin()};
      co_return tl::unexpected(before.value_or(std::move(late)));
    }
    Exchange end = co_await exchange(pool, std::move(*fresh), std::move(request), url, deadline);
    if (end.response) end.response->repeated = before.has_value();
    co_return std::move(end.response);
  }
};

Client::Client(asio::any_io_executor executor, ClientSettings settings) : pool_(std::make_shared<Pool>()) {
  pool_->executor = std::move(executor);
  pool_->tls = open_tls(settings.ca_file);
  pool_->settings = std::move(settings);
}

Client::~Client() { close(); }

asio::awaitable<Result<Response>> Client::send(Request request) {
  return send(std::move(request), steady_clock::now() + pool_->settings.total);
}

asio::awaitable<Result<Response>> Client::send(Request request, Deadline deadline) {
  auto pool = pool_;
  if (pool->closed) co_return fail(Cause::Unreachable, "the HTTP client is closed");
  const auto url = parse_url(request.target);
  if (!url) co_return fail(Cause::Rejected, url.error().detail);
  if (url->scheme == "http" && !pool->settings.plain_http_anywhere && !is_loopback(url->host))
    co_return fail(Cause::Rejected, "plain http:// leaves this machine only with a developer's setting");
  const auto checked = check_outgoing(request);
  if (!checked) co_return tl::unexpected(checked.error());
  auto answer = co_await Pool::send(std::move(pool), std::move(request), *url, deadline);
  co_return answer;
}

void Client::close() {
  pool_->closed = true;
  pool_->idle.clear();
  const auto busy = pool_->busy;  // a copy: closing must not be disturbed by what it ends
  for (const auto& each : busy) each->close();
}

Client::Counts Client::counts() const {
  return {pool_->opened, pool_->reused, pool_->idle.size(), pool_->busy.size()};
}

bool nothing_was_sent(const Failure& failure) {
  return failure.cause == Cause::Unreachable || failure.cause == Cause::Rejected;
}

}  // namespace aftercall::http
