#pragma once
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>

#include "bus/deadline.hpp"
#include "control/authorize.hpp"
#include "control/forward.hpp"
#include "domain/failure.hpp"
#include "process/tasks.hpp"
#include "view/database.hpp"

namespace aftercall::control {

namespace asio = boost::asio;

grpc::Status status_of(const Failure& failure);

// Where calls come in: on gRPC's threads, which hand the work to the one thread that does it and wait for the
// answer, for as long as the call's own deadline allows. Who may not call does not get this far.
class Desk {
 public:
  struct Parts {
    asio::any_io_executor executor;
    process::Tasks& tasks;
    std::vector<KnownToken> tokens;
    std::function<std::string()>
        owner_elsewhere;  // where a call that only the owner can answer is passed on to
    std::string ca_file;  // for that
  };
  explicit Desk(Parts parts) : parts_(std::move(parts)), forward_(parts_.ca_file) {}

  template <class Response>
  using Work = std::function<asio::awaitable<Result<Response>>(Caller caller, bus::Deadline deadline)>;

  // `method` is "<Service>/<Method>". `work` is called on the executor's thread.
  template <class Response>
  grpc::Status serve(grpc::ServerContext& context, std::string_view method,
                     const google::protobuf::Message& request, Response* response, Work<Response> work);

  // The same for what can be answered at once.
  template <class Response>
  using Look = std::function<Result<Response>()>;
  template <class Response>
  grpc::Status read(grpc::ServerContext& context, std::string_view method,
                    const google::protobuf::Message& request, Response* response, Look<Response> look);

  void open() { open_ = true; }  // before it every call is answered Unavailable
  bool is_open() const { return open_; }
  int calls() const { return calls_; }  // under way
  void close() { closed_ = true; }      // calls that wait are answered Unavailable

 private:
  static constexpr int most_calls = 200;
  struct Counted {
    explicit Counted(std::atomic<int>& calls) : calls_(calls) { ++calls_; }
    ~Counted() { --calls_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    std::atomic<int>& calls_;
  };
  template <class Response>
  struct Done {
    Result<Response> result;
    std::string ask_instead;  // the owner, when only it can answer
  };
  template <class Response>
  using Answer = std::promise<Done<Response>>;
  // A view's disk is the caller's trouble, and no reason to end control.
  template <class Response>
  static asio::awaitable<Result<Response>> outcome_of(Work<Response> work, Caller caller,
                                                      bus::Deadline deadline);
  template <class Response>
  static asio::awaitable<void> work_on(Work<Response> work, Caller caller, bus::Deadline deadline,
                                       std::function<std::string()> owner_elsewhere,
                                       std::shared_ptr<Answer<Response>> answer);
  template <class Response>
  static asio::awaitable<Result<Response>> look_at(Look<Response> look);

  // OK, or why this call is refused; fills `caller`.
  grpc::Status admit(const grpc::ServerContext& context, std::string_view method, Caller& caller) const;
  // Until `ready`, the deadline, the client's going away or close().
  bool waited(const grpc::ServerContext& context, const std::function<bool(std::chrono::milliseconds)>& ready,
              bus::Deadline deadline) const;
  static bus::Deadline deadline_of(const grpc::ServerContext& context);

  Parts parts_;
  Forward forward_;
  std::atomic<int> calls_ = 0;
  std::atomic<bool> open_ = false;
  std::atomic<bool> closed_ = false;
};

template <class Response>
asio::awaitable<Result<Response>> Desk::outcome_of(Work<Response> work, Caller caller,
                                                   bus::Deadline deadline) {
  std::optional<Failure> disk;
  try {
    auto working = work(std::move(caller), deadline);
    Result<Response> result = co_await std::move(working);
    co_return result;
  } catch (const view::DiskTrouble& trouble) {
    disk = trouble.failure();
  }
  co_return tl::unexpected(std::move(*disk));
}

template <class Response>
asio::awaitable<void> Desk::work_on(Work<Response> work, Caller caller, bus::Deadline deadline,
                                    std::function<std::string()> owner_elsewhere,
                                    std::shared_ptr<Answer<Response>> answer) {
  auto working = outcome_of<Response>(std::move(work), std::move(caller), deadline);
  Result<Response> result = co_await std::move(working);
  const bool unreachable = !result && result.error().cause == Cause::Unreachable;
  std::string owner;
  if (unreachable) owner = owner_elsewhere();
  answer->set_value({std::move(result), std::move(owner)});
}

template <class Response>
asio::awaitable<Result<Response>> Desk::look_at(Look<Response> look) {
  co_return look();
}

template <class Response>
grpc::Status Desk::serve(grpc::ServerContext& context, std::string_view method,
                         const google::protobuf::Message& request, Response* response, Work<Response> work) {
  Caller caller;
  if (const auto admitted = admit(context, method, caller); !admitted.ok()) return admitted;
  const Counted counted(calls_);
  if (calls_ > most_calls) return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many calls at once; try again"};
  const auto deadline = deadline_of(context);
  auto answer =
      std::make_shared<Answer<Response>>();  // the work's alone: when it throws, nobody waits for it
  auto answered = answer->get_future();
  asio::post(parts_.executor, [this, name = std::string(method), work = std::move(work),
                               caller = std::move(caller), deadline, answer = std::move(answer)]() mutable {
    parts_.tasks.spawn(std::move(name), work_on<Response>(std::move(work), std::move(caller), deadline,
                                                          parts_.owner_elsewhere, std::move(answer)));
  });
  const bool in_time = waited(
      context, [&](auto time) { return answered.wait_for(time) == std::future_status::ready; }, deadline);
  if (!in_time && closed_) return status_of({Cause::Unreachable, "control is stopping"});
  if (!in_time) return {grpc::StatusCode::DEADLINE_EXCEEDED, "not done in time; it may still be done"};
  try {
    Done<Response> done = answered.get();
    if (!done.ask_instead.empty() && !Forward::was_passed_on(context))
      return forward_.pass_on({context, method, deadline}, done.ask_instead, request, *response);
    if (!done.result) return status_of(done.result.error());
    *response = std::move(*done.result);
    return grpc::Status::OK;
  } catch (const std::future_error&) {  // the work ended by an exception, which its task's owner has logged
    return {grpc::StatusCode::INTERNAL, "this failed inside control; its log says why"};
  }
}

template <class Response>
grpc::Status Desk::read(grpc::ServerContext& context, std::string_view method,
                        const google::protobuf::Message& request, Response* response, Look<Response> look) {
  Work<Response> work = [look = std::move(look)](const Caller&, bus::Deadline) {
    return look_at<Response>(look);
  };
  return serve<Response>(context, method, request, response, std::move(work));
}

}  // namespace aftercall::control
