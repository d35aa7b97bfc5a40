#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crm/connector.hpp"
#include "crm_writer/decide.hpp"
#include "domain/ledger.hpp"
#include "domain/settled.hpp"

// What the CRM's answers mean: which rows the ledger gets, and how the unit ends. Pure.
namespace aftercall::crm_writer {

// One step with what became of it.
struct Done {
  Step step;
  std::optional<Result<crm::Written>> answer{};  // nothing: was not sent
  std::optional<Failure> held{};  // why it was not sent (again); its row says all that is known
  bool repeated = false;          // was sent twice, since the first one got no answer
};

// Rows that must be acked before the unit ends, aliases included.
std::vector<LedgerRow> rows_of(const Plan& plan, const std::vector<Done>& done, const SlotHash& hash,
                               const ConnectionId& connection, Instant now);
// A row with one more for each alias, which names it.
std::vector<LedgerRow> with_aliases(const Artifact& artifact, LedgerRow row, const SlotHash& hash);
// Whether anything of this plan is, or may be, in the CRM. If nothing is, an older revision may still be
// written.
bool left_traces(const std::vector<Done>& done);
// The unit's own row: this revision's plan was carried out (or begun, and nothing lower may overwrite it).
LedgerRow revision_row(const Plan& plan, Instant now);

struct Unfinished {
  Failure failure;
  std::vector<ArtifactState> artifacts;
  // Nothing main is open: how the unit ends if what is open does not come in time.
  std::optional<Settled> if_given_up;
};
using Ending = std::variant<Settled, Unfinished>;

// In doubt before transient before blocked decides how an unfinished unit waits; a main record that failed
// for good makes it dead; everything else settles.
Ending judge(const Plan& plan, const std::vector<Done>& done, std::vector<LeftOut> left_out,
             const SlotHash& hash, const ConnectionId& connection, Spent spent);

Settled superseded(const Plan& plan, const Revision& by, Spent spent = {});

}  // namespace aftercall::crm_writer
