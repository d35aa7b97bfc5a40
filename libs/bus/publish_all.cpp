#include "bus/publish_all.hpp"

#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "bus/answer.hpp"

namespace aftercall::bus {
namespace {

using Positions = std::vector<Result<Position>>;

struct Acks {
  Positions each;
  std::size_t left = 0;
  Answer<Positions> answer;

  void take(std::size_t number, Result<Position> at) {
    each[number] = std::move(at);
    if (--left == 0) answer(std::move(each));
  }
};

}  // namespace

asio::awaitable<Positions> publish_all(Producer& producer, std::vector<Draft> drafts) {
  if (drafts.empty()) co_return Positions();
  const auto executor = co_await asio::this_coro::executor;
  auto waiting = wait_for<Positions>(executor, [&producer, &drafts, executor](Answer<Positions> answer) {
    const auto acks = std::make_shared<Acks>();
    acks->each.resize(drafts.size());
    acks->left = drafts.size();
    acks->answer = std::move(answer);
    for (std::size_t i = 0; i < drafts.size(); ++i)
      asio::co_spawn(executor, producer.publish(std::move(drafts[i])),
                     [acks, i](const std::exception_ptr& thrown, Result<Position> at) {
                       acks->take(
                           i, thrown ? fail(Cause::Unreachable, "publishing was broken off") : std::move(at));
                     });
  });
  auto each = co_await std::move(waiting);
  co_return each;
}

}  // namespace aftercall::bus
