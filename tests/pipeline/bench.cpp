#include "bench.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "wire/keys.hpp"

namespace aftercall::stage::bench {
namespace {

namespace asio = boost::asio;

Result<std::vector<Unit>> split(const Record& record) {
  const std::string value = record.value->substr(0, record.value->find('\n'));
  if (value == "garbage") return fail(Cause::Malformed, "garbage");
  if (value == "newer") return fail(Cause::NeedsNewerStage, "needs a newer matcher");
  if (value == "unknown tenant") return fail(Cause::NoTenant, "not heard of");
  const auto key = wire::split_key(record.key);
  std::vector<Unit> units;
  std::istringstream accounts(value);
  for (std::string account; std::getline(accounts, account, ',');) {
    Unit unit;
    unit.account = CrmAccount(account);
    unit.session = {TenantId(key->at(0)), SourceId(key->at(1)), SessionId(key->at(2))};
    units.push_back(std::move(unit));
  }
  return units;
}

class RefusableProducer : public bus::Producer {
 public:
  RefusableProducer(std::unique_ptr<bus::Producer> inner, const bool& refuses)
      : inner_(std::move(inner)), refuses_(refuses) {}
  asio::awaitable<Result<Position>> publish(Draft draft) override {
    if (refuses_) co_return fail(Cause::Timeout, "not acked in time");
    const auto acked = co_await inner_->publish(std::move(draft));
    co_return acked;
  }
  asio::awaitable<Result<void>> ready(bus::Deadline deadline) override { return inner_->ready(deadline); }
  asio::awaitable<Result<void>> flush(bus::Deadline deadline) override { return inner_->flush(deadline); }
  asio::awaitable<Result<int>> partitions(std::string topic, bus::Deadline deadline) override {
    return inner_->partitions(std::move(topic), deadline);
  }
  std::optional<std::string> fatal() const override { return inner_->fatal(); }

 private:
  std::unique_ptr<bus::Producer> inner_;
  const bool& refuses_;
};

class ForgetfulConsumer : public bus::Consumer {
 public:
  ForgetfulConsumer(std::unique_ptr<bus::Consumer> inner, const bool& loses_commits)
      : inner_(std::move(inner)), loses_commits_(loses_commits) {}
  void commit(bus::Offsets offsets) override {
    if (!loses_commits_) inner_->commit(std::move(offsets));
  }
  std::optional<bus::Change> change() override { return inner_->change(); }
  void accept() override { inner_->accept(); }
  std::optional<Record> take(int partition) override { return inner_->take(partition); }
  asio::awaitable<void> activity(bus::Deadline deadline) override { return inner_->activity(deadline); }
  asio::awaitable<Result<void>> commit_now(bus::Offsets offsets, bus::Deadline deadline) override {
    return inner_->commit_now(std::move(offsets), deadline);
  }
  std::vector<bus::Lag> lag() const override { return inner_->lag(); }
  asio::awaitable<void> leave(bus::Deadline deadline) override { return inner_->leave(deadline); }
  std::optional<std::string> fatal() const override { return inner_->fatal(); }

 private:
  std::unique_ptr<bus::Consumer> inner_;
  const bool& loses_commits_;
};

}  // namespace

std::optional<Moment> ManualClock::next() const {
  if (calls_.empty()) return std::nullopt;
  return calls_.begin()->first;
}

void ManualClock::move_to(Moment at) {
  wall_ += std::chrono::duration_cast<std::chrono::system_clock::duration>(
      std::max(at - now_, Moment::duration{}));
  now_ = std::max(now_, at);
  while (!calls_.empty() && calls_.begin()->first <= now_) {
    const auto call = std::move(calls_.begin()->second);
    calls_.erase(calls_.begin());
    call();
  }
}

std::unique_ptr<bus::Producer> WatchedBus::producer(bus::ProducerSettings settings) {
  return std::make_unique<RefusableProducer>(inner_.producer(std::move(settings)), refuses_);
}
std::unique_ptr<bus::Consumer> WatchedBus::consumer(bus::ConsumerSettings settings) {
  asked = settings;
  auto consumer = inner_.consumer(std::move(settings));
  made = consumer.get();
  return std::make_unique<ForgetfulConsumer>(std::move(consumer), loses_commits_);
}
std::unique_ptr<bus::Reader> WatchedBus::reader(std::vector<bus::Start> starts, bus::Answers answers) {
  return inner_.reader(std::move(starts), answers);
}
std::unique_ptr<bus::Admin> WatchedBus::admin() { return inner_.admin(); }

Bench::Bench(int partitions) : bus(io.get_executor()), partitions_(partitions) {
  settings.name = "matcher";
  settings.input = wire::topic::session_finished;
  settings.outputs = {std::string(wire::topic::contact_matched)};
  for (const auto name : {wire::topic::session_finished, wire::topic::contact_matched,
                          wire::topic::session_settled, wire::topic::event_deferred})
    bus.create(settings.topics.of(name), partitions);
  steps.split = [this](const Record& record, const wire::Envelope&) {
    ++split_records;
    return split(record);
  };
  steps.step = [this](Unit unit, Context context) { return step(std::move(unit), std::move(context)); };
  answers = [](const Unit&, const Context&) { return emits(); };
}

// Boost 1.74 never returns from destroying an io_context in which a coroutine is suspended. So who lives is
// stopped, and who was killed or hangs is kept, for ever still.
Bench::~Bench() {
  static auto* const graveyard = new std::vector<std::unique_ptr<Process>>;
  answers = [](const Unit&, const Context&) { return emits(); };
  bus.down(false);
  refuses = false;
  for (const auto& process : processes_)
    if (process->alive) process->stage->stop();
  for (const auto& step : std::vector(held)) answer(*step, emits());
  advance(15s);
  publish({});  // wakes whoever still listens to the bus
  settle();
  for (auto& process : processes_)
    if (!process->ended || !process->io.stopped()) graveyard->push_back(std::move(process));
}

Bench::Process::Process(Bench& bench) : bus(bench.bus, bench.refuses, bench.loses_commits) {}

Bench::Process& Bench::start() {
  auto& process = *processes_.emplace_back(std::make_unique<Process>(*this));
  process.stage = std::make_unique<Stage>(process.io.get_executor(), process.bus, clock, settings, steps);
  asio::co_spawn(process.io, process.stage->run(), [&](std::exception_ptr thrown, Result<void> result) {
    process.ended = true;
    if (!thrown && !result) process.failure = result.error();
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      process.thrown = error.what();
    }
  });
  settle();
  return process;
}

void Bench::kill(Process& process) {
  process.alive = false;
  bus::MemoryBus::expel(*process.bus.made);
  std::erase_if(held, [&](const auto& each) { return each->where == &process.io; });
  settle();
}

asio::awaitable<Outcome> Bench::step(Unit unit, Context context) {
  started.push_back(unit.session.session.str());
  if (auto at_once = answers(unit, context)) co_return std::move(*at_once);
  auto waiting = std::make_shared<Held>();
  const auto executor = co_await asio::this_coro::executor;
  waiting->unit = std::move(unit);
  waiting->context = std::move(context);
  waiting->where = &executor.target<asio::io_context::executor_type>()->context();
  waiting->bell = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  held.push_back(waiting);
  most_at_once = std::max(most_at_once, held.size());
  boost::system::error_code woken;
  while (!waiting->answer)
    co_await waiting->bell->async_wait(asio::redirect_error(asio::use_awaitable, woken));
  std::erase(held, waiting);
  co_return std::move(*waiting->answer);
}

void Bench::answer(Held& step, Outcome outcome) {
  step.answer = std::move(outcome);
  step.bell->cancel();
}

std::shared_ptr<Held> Bench::find(const std::string& session) {
  for (const auto& each : held)
    if (each->session() == session && !each->answer) return each;
  return nullptr;
}

void Bench::publish(Publishing what) {
  auto envelope = what.envelope;
  const SessionKey key{TenantId(what.tenant), SourceId("src"), SessionId(what.session)};
  if (envelope.id.empty()) envelope.id = "id-of-" + what.session;
  envelope.tenant = key.tenant;
  envelope.subject = wire::key_of(key);
  auto value = what.value;
  if (what.padding > 0) value += '\n' + std::string(what.padding, 'x');
  publish_raw({settings.topics.of(settings.input), envelope.subject, value, wire::headers_of(envelope)});
}

void Bench::publish_raw(Draft draft) {
  auto producer = std::make_shared<std::unique_ptr<bus::Producer>>(bus.producer({}));
  asio::co_spawn(io, (*producer)->publish(std::move(draft)),
                 [producer](std::exception_ptr, Result<Position> at) {
                   if (!at) throw std::logic_error("the bench could not publish: " + at.error().detail);
                 });
}

void Bench::settle() {
  std::size_t handlers = 0;
  for (bool busy = true; busy;) {
    std::size_t ran = 0;
    const auto poll = [&](asio::io_context& context) {
      context.restart();
      ran += context.poll_one();
    };
    poll(io);
    for (const auto& process : processes_)
      if (process->alive) poll(process->io);
    busy = ran > 0;
    handlers += ran;
    if (handlers > 5'000'000) throw std::logic_error("the runner spins");
  }
}

void Bench::advance(std::chrono::milliseconds time) {
  const auto until = clock.now() + time;
  settle();
  for (auto next = clock.next(); next && *next <= until; next = clock.next()) {
    clock.move_to(*next);
    settle();
  }
  clock.move_to(until);
  settle();
}

std::vector<Record> Bench::records(const std::string& topic) const {
  std::vector<Record> all;
  for (int partition = 0; partition < partitions_; ++partition)
    for (const auto& record : bus.records(settings.topics.of(topic), partition)) all.push_back(record);
  return all;
}

std::vector<v1::EventDeferred> Bench::deferred() const {
  std::vector<v1::EventDeferred> all;
  for (const auto& record : records(std::string(wire::topic::event_deferred)))
    all.emplace_back().ParseFromString(*record.value);
  return all;
}

std::vector<v1::SessionSettled> Bench::settled() const {
  std::vector<v1::SessionSettled> all;
  for (const auto& record : records(std::string(wire::topic::session_settled)))
    all.emplace_back().ParseFromString(*record.value);
  return all;
}

std::vector<std::string> Bench::emitted() const {
  std::vector<std::string> all;
  for (const auto& record : records(std::string(wire::topic::contact_matched)))
    all.push_back(wire::split_key(record.key)->at(2));
  return all;
}

bus::Offsets Bench::committed() {
  bus::Offsets offsets;
  auto admin = std::make_shared<std::unique_ptr<bus::Admin>>(bus.admin());
  asio::co_spawn(io,
                 (*admin)->group(settings.topics.prefix + settings.name, settings.topics.of(settings.input),
                                 bus::within(1s)),
                 [&offsets, admin](std::exception_ptr, Result<bus::GroupState> state) {
                   for (const auto& lag : state->lag)
                     if (lag.committed) offsets[lag.partition] = *lag.committed;
                 });
  settle();
  return offsets;
}

Outcome emits() { return Emit{std::string(wire::topic::contact_matched), "matched"}; }

Outcome fails(Cause cause, std::optional<std::chrono::milliseconds> retry_after) {
  Failed failed;
  failed.failure = {cause, "as the test wants", retry_after};
  return failed;
}

}  // namespace aftercall::stage::bench
