#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/failure.hpp"
#include "domain/ledger.hpp"
#include "domain/plan.hpp"

namespace aftercall::crm_writer {

inline constexpr const char* revision_kind = "revision";

// What a slot is called where no address may stand: a hash under the tenant's key.
using SlotHash = std::function<std::string(const std::string& slot)>;

LedgerName name_of(const Artifact& artifact, const SlotHash& hash);
std::vector<LedgerName> alias_names_of(const Artifact& artifact, const SlotHash& hash);

// Everything the ledger knows of one unit.
class Standing {
 public:
  Standing() = default;
  explicit Standing(std::vector<LedgerRow> rows, std::optional<Failure> unread = std::nullopt);

  // A row that this release cannot read, if any: nothing may be decided by the others alone.
  const std::optional<Failure>& unread() const { return unread_; }

  // The row that is the record of this artifact: by its slot, one of its aliases' slots, or its target. A row
  // found either way *is* the record: the choice written first stays.
  const LedgerRow* record_of(const Artifact& artifact, const SlotHash& hash) const;
  // Whether something stands, or may stand, in the CRM under this name itself.
  bool is_record(const LedgerName& name) const;
  // The highest revision that wrote or tried to write anything here.
  std::optional<Revision> highest() const;
  // Of slots that this plan no longer has: what is there, and what may be there.
  std::vector<const LedgerRow*> not_in(const Plan& plan, const SlotHash& hash) const;
  // Contacts that an earlier revision began to create, while this plan neither creates them nor puts anything
  // on them: nobody looks any more whether they are there twice.
  std::vector<const LedgerRow*> abandoned(const Plan& plan, const SlotHash& hash) const;

 private:
  const LedgerRow* by_name(const LedgerName& name) const;
  const LedgerRow* by_target(const Artifact& artifact) const;
  std::map<LedgerName, LedgerRow> rows_;
  std::optional<Failure> unread_;
};

}  // namespace aftercall::crm_writer
