#include "stage/stage.hpp"

#include "stage/runner.hpp"

namespace aftercall::stage {

Stage::Stage(asio::any_io_executor executor, bus::Bus& bus, Clock& clock, Settings settings, Steps steps)
    : runner_(
          std::make_shared<Runner>(std::move(executor), bus, clock, std::move(settings), std::move(steps))) {}

Stage::~Stage() = default;

asio::awaitable<Result<void>> Stage::run() { return runner_->run(); }

void Stage::stop() { runner_->stop(); }

std::optional<std::string> Stage::not_ready() const { return runner_->not_ready(); }

}  // namespace aftercall::stage
