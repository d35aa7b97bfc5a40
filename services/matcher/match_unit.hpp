#pragma once
#include <vector>

#include "matcher/ask.hpp"
#include "stage/outcome.hpp"
#include "tenancy/connectors.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::matcher {

namespace asio = boost::asio;

// What a match needs of the world; owned by main.
struct World {
  const tenancy::Directory* directory = nullptr;
  tenancy::Connectors* connectors = nullptr;
  Shared shared{};
};

// One unit for each CRM account of the tenant; one without an account when there is none.
Result<std::vector<stage::Unit>> split(const Record& record, const wire::Envelope& envelope,
                                       const tenancy::Directory& directory);

// Plan, ask (people twice at most, then the deal), judge: contact.matched, or why the unit ends here.
asio::awaitable<stage::Outcome> match_unit(stage::Unit unit, stage::Context context, World world);

}  // namespace aftercall::matcher
