#pragma once
#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "crm/connector.hpp"
#include "crm_writer/standing.hpp"
#include "domain/plan.hpp"
#include "domain/settled.hpp"

// What to send for a plan, given what the ledger knows: pure. write_unit.cpp sends it; judge.hpp reads the
// answers.
namespace aftercall::crm_writer {

// After an unanswered update another revision waits, so that a late commit of the first cannot undo it: as
// long as what is in doubt waits for its first look.
inline constexpr std::chrono::milliseconds usual_rest{30'000};

// One artifact's way: nothing to send, for it stands already (or must not be put now), or a request.
struct Step {
  std::size_t artifact = 0;
  LedgerName name;      // the row that is or will be the record
  std::string row_key;  // that row's idempotency key
  std::string content_hash;
  std::optional<LedgerRow> before;  // what the ledger says of the record now, if anything
  CrmRecord target;                 // where the record is, or will be, attached
  std::vector<CrmRecord> beside;    // the other records that show it
  CrmRecord deal;                   // the one among them that it is, or will be, linked to
  bool linked = false;              // it is already
  std::string kept;                 // the plan wants another target, but the one written first stays: says so
  std::optional<crm::Put> put;      // a request; else
  ArtifactState::State stands{};    // how it stands
  std::string reason;
  std::string crm_id;
  std::string link;
  // A create that nothing makes happen only once: its row says `sent` before it goes out.
  bool announced = false;
};

struct Superseded {
  Revision by;
};
// Nothing may be sent before that: what the last request left behind is not known yet.
struct Rest {
  std::chrono::milliseconds remaining{0};
};
struct Work {
  std::vector<Step> steps;  // one an artifact, in the plan's order
  std::vector<LeftOut> left_out;
};
using Decision = std::variant<Superseded, Rest, Work>;

// Whether a create under our own key happens at most once in this CRM (Capabilities::keyed_writes).
enum class Writes { Keyed, Unkeyed };

Decision decide(const Plan& plan, const Standing& standing, const SlotHash& hash, Instant now,
                Writes writes = Writes::Keyed, std::chrono::milliseconds rest = usual_rest);

// The hash that tells whether a record already holds what the plan wants, and stands beside what it wants.
std::string content_hash_of(const Plan& plan, const Artifact& artifact,
                            const std::vector<CrmRecord>& beside = {});

}  // namespace aftercall::crm_writer
