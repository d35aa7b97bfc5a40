#include "stage/runner.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "telemetry/log.hpp"

namespace aftercall::stage {
namespace {

using namespace std::chrono_literals;

constexpr auto heartbeat = 1s;      // the loop looks around at least this often
constexpr auto between_tries = 1s;  // of what depends on Kafka
constexpr auto tick_every = 10ms;
constexpr auto commit_within = 1500ms;
constexpr auto leave_within = 500ms;

}  // namespace

Runner::Runner(asio::any_io_executor executor, bus::Bus& bus, Clock& clock, Settings settings, Steps steps)
    : executor_(std::move(executor)),
      bus_(bus),
      clock_(clock),
      settings_(std::move(settings)),
      steps_(std::move(steps)),
      lanes_(settings_.bounds.lane),
      bell_(executor_),
      listen_(executor_) {}

asio::awaitable<Result<void>> Runner::run() {
  const auto self = shared_from_this();
  const bool prepared = co_await prepare();
  if (prepared) {
    spawn(watch());
    co_await loop();
    co_await wind_up();
  }
  if (thrown_) std::rethrow_exception(thrown_);
  if (failure_) co_return tl::unexpected(*failure_);
  co_return Result<void>();
}

// What the first outcome would otherwise wait for, before the first event is asked for.
asio::awaitable<bool> Runner::prepare() {
  auto guard = InHand::open(settings_.dry_run ? std::filesystem::path() : settings_.in_hand);
  if (!guard) {
    failure_ = guard.error();
    co_return false;
  }
  guard_ = std::move(*guard);
  bus::ConsumerSettings consuming;
  consuming.topic = settings_.topics.of(settings_.input);
  consuming.group = settings_.topics.prefix + settings_.name;  // several Aftercalls may share one Kafka
  consuming.instance = settings_.instance;
  if (settings_.dry_run) {
    consuming.group += ".dry." + settings_.dry_run->run;
    consuming.instance.clear();
  } else {
    bus::ProducerSettings producing;
    for (const auto& output : settings_.outputs) producing.topics.push_back(settings_.topics.of(output));
    producing.topics.push_back(settings_.topics.of(wire::topic::session_settled));
    producing.topics.push_back(settings_.topics.of(wire::topic::event_deferred));
    producer_ = bus_.producer(producing);
    while (!stopping_) {
      const auto deadline = bus::within(5s);
      const auto ready = co_await producer_->ready(deadline);
      if (ready) break;
      log::warn("stage.waits_for_kafka", {{"stage", settings_.name}, {"why", ready.error().detail}});
      co_await pause(between_tries);
    }
  }
  if (stopping_) co_return false;
  consumer_ = bus_.consumer(consuming);
  subscribed_ = true;
  if (!settings_.dry_run) spawn(check_retention());  // a dry run's group is new each time
  co_return true;
}

// A broker that forgets where we stand has us do everything again that its topics still hold. Told, not
// refused: who runs us may not be who runs Kafka, and nothing is lost by going on.
asio::awaitable<void> Runner::check_retention() {
  const auto self = shared_from_this();
  const auto admin = bus_.admin();
  const auto deadline = bus::within(30s);
  const auto kept = co_await admin->offsets_retention(deadline);
  if (!kept)
    log::warn("stage.offsets_retention_unknown", {{"stage", settings_.name}, {"why", kept.error().detail}});
  else if (*kept < bus::least_offsets_retention)
    log::warn("stage.offsets_retention_short",
              {{"stage", settings_.name},
               {"minutes", kept->count()},
               {"least", bus::least_offsets_retention.count()},
               {"what_to_do", "raise the broker's offsets.retention.minutes"}});
}

asio::awaitable<void> Runner::loop() {
  while (!stopping_ && !failure_ && !thrown_) {
    co_await follow_change();
    try {
      pump();
    } catch (...) {  // a bug in split(): as one in a step, it ends the stage
      thrown_ = std::current_exception();
    }
    co_await rung();
    if (const auto why = consumer_->fatal()) end({Cause::Unreachable, "the consumer cannot go on: " + *why});
    if (const auto why = producer_ ? producer_->fatal() : std::nullopt)
      end({Cause::Unreachable, "the producer cannot go on: " + *why});
    if (const auto why = steps_.lost ? steps_.lost() : std::nullopt)
      end({Cause::Unreachable, "the step cannot go on: " + *why});
  }
}

// One look at everything that could go on now.
void Runner::pump() {
  note_lateness();
  halted_ = steps_.halted ? steps_.halted() : std::nullopt;
  if (halted_) leaseless_.clear();  // then it is nobody's own trouble
  all_taken_ = false;
  if (!revoked_ && !halted_ && unpublished_ == 0) {
    intake();
    dispatch();
  }
  commit_if_due();
  show_if_due();
  Moment next = clock_.now() + heartbeat;
  if (!revoked_) next = std::min(next, next_commit_);
  if (const auto due = lanes_.next_due(clock_.now())) next = std::min(next, *due);
  if (!all_taken_) next = std::min(next, clock_.now() + 50ms);
  if (revoked_) next = std::min(next, *revoked_ + settings_.drain_within);
  ring_at(next);
  if (all_taken_ || revoked_ || halted_)
    listen_.cancel();
  else if (!tick_)
    tick();
}

// While somebody waits for room: the loop that gets no processor, or has too much to do, sees a quick CRM's
// answers late, and must not take it for a slow one.
void Runner::tick() {
  const Moment due = clock_.now() + tick_every;
  tick_ = due;
  clock_.call_at(due, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->note_lateness();
    self->tick_.reset();
    if (!self->all_taken_ && !self->halted_ && !self->over_) self->tick();
  });
}

void Runner::note_lateness() {
  const Moment now = clock_.now();
  if (!tick_ || now <= *tick_) return;
  lanes_.overslept(now - *tick_);
  tick_ = now;
}

// What is in flight is finished, settled and committed; what waits is read again by whoever comes next.
asio::awaitable<void> Runner::wind_up() {
  drop_waiting();
  const Moment until = clock_.now() + settings_.stop_within;
  while (in_hand() > 0 && clock_.now() < until) {
    ring_at(until);
    co_await rung();
  }
  if (in_hand() > 0) log::warn("stage.not_drained", {{"stage", settings_.name}, {"left", in_hand()}});
  for (const auto& [ticket, visit] : visits_)
    if (visit->busy && guard_->trust(visit->handle()) != InHand::Trust::None)
      guard_->done(visit->handle());  // slow, but it took nothing down
  const auto committing = bus::within(commit_within);
  const auto committed = co_await consumer_->commit_now(uncommitted(), committing);
  if (!committed)
    log::warn("stage.not_committed", {{"stage", settings_.name}, {"why", committed.error().detail}});
  give_up_partitions();
  over_ = true;
  listen_.cancel();
  const Moment patience = clock_.now() + heartbeat;
  while (tasks_ > 0 && clock_.now() < patience) {
    ring_at(patience);
    co_await rung();
  }
  const auto leaving = bus::within(leave_within);
  co_await consumer_->leave(leaving);
}

// The one who listens to the consumer. It sleeps while records wait that we have no room for: not to take
// them is the back-pressure, and to be told of them would be no news.
asio::awaitable<void> Runner::watch() {
  while (!over_ && !stopping_) {
    const auto deadline = bus::within(100ms);
    co_await consumer_->activity(deadline);
    ring();
    if (over_ || stopping_) break;
    listen_.expires_at(Moment::max());
    boost::system::error_code woken;
    co_await listen_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

void Runner::stop() {
  stopping_ = true;
  listen_.cancel();
  ring();
}

void Runner::end(Failure why) {
  if (!failure_) failure_ = std::move(why);
  ring();
}

std::optional<std::string> Runner::not_ready() const {
  if (failure_) return failure_->detail;
  if (stopping_) return "stopping";
  if (!subscribed_) return "waiting for Kafka";
  if (halted_) return *halted_;
  if (unpublished_ > 0) return "Kafka does not take the outcomes";
  for (const auto& [number, partition] : partitions_)
    if (!partition->open) return "partition " + std::to_string(number) + " is being restored";
  return std::nullopt;
}

void Runner::ring() {
  rung_ = true;
  bell_.cancel();
}

// One alarm at most is pending for any moment: an earlier one that rings for nothing costs nothing.
void Runner::ring_at(Moment at) {
  if (armed_ && *armed_ <= at && *armed_ > clock_.now()) return;
  armed_ = at;
  clock_.call_at(at, [weak = weak_from_this(), at] {
    const auto self = weak.lock();
    if (!self) return;
    if (self->armed_ == at) self->armed_.reset();
    self->ring();
  });
}

asio::awaitable<void> Runner::rung() {
  if (rung_) {
    co_await asio::post(executor_, asio::use_awaitable);
  } else {
    bell_.expires_at(Moment::max());
    boost::system::error_code woken;
    co_await bell_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  rung_ = false;
}

asio::awaitable<void> Runner::pause(std::chrono::milliseconds time) {
  const auto timer = std::make_shared<asio::steady_timer>(executor_, Moment::max());
  clock_.call_at(clock_.now() + time, [timer] { timer->cancel(); });
  boost::system::error_code woken;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

// A task that throws ends the stage: what it did not finish is still noted in hand, and tried again after a
// start.
void Runner::spawn(asio::awaitable<void> task) {
  ++tasks_;
  asio::co_spawn(executor_, std::move(task), [self = shared_from_this()](const std::exception_ptr& thrown) {
    --self->tasks_;
    if (thrown && !self->thrown_) self->thrown_ = thrown;
    self->ring();
  });
}

}  // namespace aftercall::stage
