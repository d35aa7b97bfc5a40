#pragma once
#include "crm_writer/doubt.hpp"
#include "crm_writer/ledger.hpp"
#include "stage/outcome.hpp"
#include "tenancy/connectors.hpp"
#include "tenancy/directory.hpp"

namespace aftercall::crm_writer {

// What a write needs of the world; owned by main.
struct World {
  const tenancy::Directory* directory = nullptr;
  tenancy::Connectors* connectors = nullptr;
  Ledger* ledger = nullptr;
  Looks looks{};
  Instant (*now)() = [] { return truncate(std::chrono::system_clock::now()); };
};

Result<std::vector<stage::Unit>> split(const Record& record, const wire::Envelope& envelope,
                                       const tenancy::Directory& directory);

// Decide from the ledger, put, record what became of it, judge.
asio::awaitable<stage::Outcome> write_unit(stage::Unit unit, stage::Context context, World world);

}  // namespace aftercall::crm_writer
