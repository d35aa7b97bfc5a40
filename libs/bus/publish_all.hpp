#pragma once
#include <vector>

#include "bus/producer.hpp"

namespace aftercall::bus {

// Several at once, for one round trip instead of one each; stored in their order where they share a
// partition. Answers when each was acked or failed, in the order of the drafts. `producer` outlives it.
asio::awaitable<std::vector<Result<Position>>> publish_all(Producer& producer, std::vector<Draft> drafts);

}  // namespace aftercall::bus
