#include "crm_writer/doubt.hpp"

#include <algorithm>

namespace aftercall::crm_writer {
namespace {

using namespace std::chrono_literals;
using State = LedgerRow::State;

constexpr auto slack = 10min;
constexpr unsigned enough = 2;

Instant sent_at(const LedgerRow& row) { return row.sent_at.value_or(row.updated_at); }

}  // namespace

bool is_in_doubt(const LedgerRow& row) {
  return row.state == State::InDoubt || (row.state == State::Sent && row.crm_id.empty());
}

Instant next_look(const LedgerRow& row, const Looks& looks) {
  if (row.empty_looks == 0 || !row.last_look) return sent_at(row) + looks.first;
  return std::max(sent_at(row) + looks.second, *row.last_look + (looks.second - looks.first));
}

Instant looked_since(const LedgerRow& row) { return sent_at(row) - slack; }

LedgerRow after_empty_look(LedgerRow row, Instant now) {
  row.state = State::InDoubt;
  ++row.empty_looks;
  row.last_look = now;
  row.updated_at = now;
  return row;
}

bool looked_enough(const LedgerRow& row) { return is_in_doubt(row) && row.empty_looks >= enough; }

}  // namespace aftercall::crm_writer
