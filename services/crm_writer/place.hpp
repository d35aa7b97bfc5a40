#pragma once
#include <map>
#include <string>
#include <vector>

#include "domain/ledger.hpp"
#include "domain/plan.hpp"

// Where a record hangs and what shows it: what the plan wants, and what was chosen first, which stays. Pure.
namespace aftercall::crm_writer {

struct Contact {
  CrmRecord record;
  bool there = false;  // other records may refer to it
};
using Contacts = std::map<std::string, Contact>;  // those that the plan creates, by their artifact's key

struct Place {
  CrmRecord target;
  std::vector<CrmRecord> beside;  // its deal included
  CrmRecord deal;                 // among them; without an id: none
  bool linked = false;            // it is linked to that deal already, unless a person has moved it since
  std::string kept;               // the plan wants another place, but the one chosen first stays: says so
};

// `row`: what the ledger says of the record; null: nothing.
Place place_of(const Artifact& artifact, const Contacts& contacts, const LedgerRow* row);

}  // namespace aftercall::crm_writer
