#include "tenancy/lease.hpp"

#include <grpcpp/grpcpp.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "aftercall/control/v1/control.grpc.pb.h"
#include "tenancy/control_channel.hpp"
#include "tenancy/held_lease.hpp"

namespace aftercall::tenancy {
namespace {

namespace v1 = aftercall::control::v1;
using Clock = std::chrono::steady_clock;

std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const LeaseSettings& settings) {
  std::ostringstream roots;
  if (!settings.ca_file.empty()) {
    std::ifstream file(settings.ca_file, std::ios::binary);
    roots << file.rdbuf();
    if (!file || roots.str().empty())
      throw std::runtime_error("ca_file " + settings.ca_file + " cannot be read, or is empty");
  }
  const auto credentials = credentials_towards(settings.control, roots.str());
  if (!credentials) throw std::runtime_error(credentials.error().detail);
  return *credentials;
}

std::shared_ptr<grpc::Channel> open_channel(const LeaseSettings& settings) {
  grpc::ChannelArguments arguments;
  // gRPC's own back-off grows to two minutes: control would seem away long after it has come back.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  return grpc::CreateCustomChannel(settings.control, channel_credentials(settings), arguments);
}

// What waits for a person stays what it is; everything else means that no token can be had now.
Failure failure_of(const v1::Refusal& refusal) {
  const auto cause = cause_named(refusal.cause());
  Failure failure{Cause::NoLease, refusal.detail()};
  if (cause && kind_of(*cause) == Kind::Blocked) failure.cause = *cause;
  if (refusal.retry_after_ms() > 0) failure.retry_after = std::chrono::milliseconds(refusal.retry_after_ms());
  return failure;
}

struct Asked {
  grpc::ClientContext context;
  v1::LeaseResponse response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::LeaseResponse>> reader;
  Clock::time_point at = Clock::now();
};

struct Entry {
  explicit Entry(const asio::any_io_executor& executor)
      : answered(executor, asio::steady_timer::time_point::max()) {}
  std::optional<HeldLease> held;
  std::unique_ptr<Asked> asked;  // the call that is under way
  std::string refused_lease;
  Failure last{Cause::NoLease, "no access token was leased yet"};
  Clock::time_point not_before{};
  asio::steady_timer answered;  // never due; cancelled to wake who waits
};

}  // namespace

// Calls end in a completion queue that a thread of its own waits on; that thread only posts to the executor.
// (gRPC's callback API would save the thread, but the queue that 1.51 hides behind it can abort the process
// when the last channel goes away.)
struct Leases::State : std::enable_shared_from_this<Leases::State> {
  State(asio::any_io_executor the_executor, LeaseSettings the_settings)
      : executor(std::move(the_executor)),
        settings(std::move(the_settings)),
        stub(v1::Credentials::NewStub(open_channel(settings))) {}

  void start();
  void close();
  void ask(Entry& entry, const TenantId& tenant, const ConnectionId& connection);
  void answered(Entry& entry);
  static void take(Entry& entry, const v1::Lease& lease);
  static void note_refused(Entry& entry, const Secret& refused);
  void probe(Clock::time_point now);
  std::chrono::milliseconds about(std::chrono::milliseconds time);

  asio::any_io_executor executor;
  LeaseSettings settings;
  std::unique_ptr<v1::Credentials::Stub> stub;
  using Key = std::pair<TenantId, ConnectionId>;
  std::map<Key, Entry> entries;
  std::optional<std::string> away;  // control did not answer its last call: why
  std::optional<Key> probed;
  Clock::time_point probe_at{};
  std::minstd_rand random{std::random_device{}()};
  std::size_t calls = 0;
  bool closed = false;
  grpc::CompletionQueue ended;
  std::thread waiting;
};

void Leases::State::start() {
  waiting = std::thread([this, self = weak_from_this()] {
    void* tag = nullptr;
    bool ok = false;
    while (ended.Next(&tag, &ok))
      asio::post(executor, [self, entry = static_cast<Entry*>(tag)] {
        if (const auto state = self.lock(); state && !state->closed) state->answered(*entry);
      });
  });
}

void Leases::State::close() {
  closed = true;
  for (auto& [key, entry] : entries) {
    if (entry.asked) entry.asked->context.TryCancel();
    boost::system::error_code ignored;  // a destructor calls this
    entry.answered.cancel(ignored);
  }
  ended.Shutdown();
  waiting.join();
}

void Leases::State::ask(Entry& entry, const TenantId& tenant, const ConnectionId& connection) {
  v1::LeaseRequest request;
  request.set_tenant(tenant.str());
  request.set_connection(connection.str());
  request.set_refused_lease(entry.refused_lease);
  entry.asked = std::make_unique<Asked>();
  Asked& asked = *entry.asked;
  asked.context.AddMetadata("authorization", "Bearer " + std::string(settings.token.reveal()));
  asked.context.set_deadline(std::chrono::system_clock::now() + settings.deadline);
  asked.reader = stub->AsyncLease(&asked.context, request, &ended);
  asked.reader->Finish(&asked.response, &asked.status, &entry);
  ++calls;
}

void Leases::State::take(Entry& entry, const v1::Lease& lease) {
  entry.held = held_from(lease.id(), Secret(lease.access_token()), entry.asked->at,
                         std::chrono::milliseconds(lease.valid_for_ms()));
  entry.refused_lease.clear();
}

void Leases::State::answered(Entry& entry) {
  const auto& response = entry.asked->response;
  const auto& status = entry.asked->status;
  if (status.ok() && response.has_lease()) {
    take(entry, response.lease());
  } else {
    entry.last = status.ok()
                     ? failure_of(response.refusal())
                     : Failure{Cause::NoLease, "control at " + settings.control +
                                                   " leases no access token: " + status.error_message()};
    entry.not_before = Clock::now() + entry.last.retry_after.value_or(about(settings.rest));
  }
  away.reset();
  if (!status.ok()) away = entry.last.detail;
  entry.asked.reset();
  entry.answered.cancel();
}

void Leases::State::note_refused(Entry& entry, const Secret& refused) {
  if (refused.empty() || !entry.held || !(entry.held->token == refused)) return;
  entry.refused_lease = entry.held->id;
  entry.held.reset();
}

// Not all stages at the same moment.
std::chrono::milliseconds Leases::State::about(std::chrono::milliseconds time) {
  const double factor = std::uniform_real_distribution<double>(0.75, 1.25)(random);
  return std::chrono::round<std::chrono::milliseconds>(time * factor);
}

// For another connection each time: where one sign-in hangs, control seems away, but only to who asks for it.
void Leases::State::probe(Clock::time_point now) {
  if (now < probe_at) return;
  auto next = probed ? entries.upper_bound(*probed) : entries.begin();
  for (auto left = entries.size(); left > 0; --left, ++next) {
    if (next == entries.end()) next = entries.begin();
    if (next->second.asked || now < next->second.not_before) continue;
    probed = next->first;
    probe_at = now + about(settings.rest);
    ask(next->second, next->first.first, next->first.second);
    return;
  }
}

Leases::Leases(asio::any_io_executor executor, LeaseSettings settings)
    : state_(std::make_shared<State>(std::move(executor), std::move(settings))) {
  state_->start();
}

Leases::~Leases() { state_->close(); }

std::size_t Leases::calls() const { return state_->calls; }

asio::awaitable<Result<Secret>> Leases::token(TenantId tenant, ConnectionId connection, Secret refused) {
  const auto state = state_;
  Entry& entry = state->entries.try_emplace({tenant, connection}, state->executor).first->second;
  // Twice: a call that was under way may still bring the very token that was refused.
  for (int round = 0; round < 2; ++round) {
    State::note_refused(entry, refused);
    const auto now = Clock::now();
    const Use use = use_of(entry.held, now);
    if (use != Use::AsItIs && !entry.asked && now >= entry.not_before) state->ask(entry, tenant, connection);
    if (use != Use::NotAtAll) co_return entry.held->token;
    if (!entry.asked) break;
    boost::system::error_code woken;
    co_await entry.answered.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (state->closed) break;
  }
  State::note_refused(entry, refused);
  if (use_of(entry.held, Clock::now()) != Use::NotAtAll) co_return entry.held->token;
  co_return tl::unexpected(entry.last);
}

std::optional<std::string> Leases::none_left() {
  if (!state_->away) return std::nullopt;
  const auto now = Clock::now();
  for (const auto& [key, entry] : state_->entries)
    if (use_of(entry.held, now) != Use::NotAtAll) return std::nullopt;
  state_->probe(now);
  return state_->away;
}

}  // namespace aftercall::tenancy
